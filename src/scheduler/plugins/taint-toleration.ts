import type { Taint } from '../../api/types/core-v1.gen.ts';
import { taintTolerationEvents } from '../hints/taint-toleration.ts';
import { greatestWorst, type Plugin, type Refusal, refusal } from '../plugin.ts';
import { tolerates } from '../tolerations.ts';

const refusals = new Map<string, Refusal>();

function untolerated({ key, value }: Taint): Refusal {
  const reason = `node(s) had untolerated taint {${key}: ${value ?? ''}}`;
  let known = refusals.get(reason);
  if (!known) {
    if (refusals.size > 1000) refusals.clear();
    refusals.set(reason, (known = refusal(reason, true)));
  }
  return known;
}

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
        if (taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint)) return untolerated(taint);
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
