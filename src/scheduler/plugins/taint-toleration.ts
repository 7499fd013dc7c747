import { taintTolerationEvents } from '../hints/taint-toleration.ts';
import { greatestWorst, type Plugin, refusal } from '../plugin.ts';
import { tolerates } from '../rules/tolerations.ts';

const untolerated = refusal('node(s) had untolerated taint(s)', true);

/** Taints keep pods away that do not tolerate them: NoSchedule and NoExecute for good, PreferNoSchedule by score. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  events: taintTolerationEvents,
  sign: ({ pod }) => pod.spec?.tolerations,
  filter(pod, nodes) {
    const tolerations = pod.pod.spec?.tolerations;
    return (slot) => {
      for (const taint of nodes.slots[slot]!.taints) {
        if (taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint)) return untolerated;
      }
      return undefined;
    };
  },
  rate(pod, nodes) {
    const tolerations = pod.pod.spec?.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return (slot) => {
      let unwanted = 0;
      for (const taint of nodes.slots[slot]!.taints) {
        if (taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint)) unwanted++;
      }
      return unwanted;
    };
  },
  normalize: greatestWorst,
};
