import type { Plugin } from '../plugin.ts';

/** Pods with scheduling gates are not tried before all of them are gone. */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  gate: ({ pod }) => (pod.spec?.schedulingGates?.length ?? 0) > 0,
};
