import { schedulingGatesEvents } from '../hints/scheduling-gates.ts';
import type { Plugin } from '../plugin.ts';

/** Pods with scheduling gates are not tried before all of them are gone. */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  events: schedulingGatesEvents,
  gate: ({ pod }) => (pod.spec?.schedulingGates?.length ?? 0) > 0,
};
