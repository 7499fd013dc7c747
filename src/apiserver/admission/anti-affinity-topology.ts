import { forbidden } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';

const hostname = 'kubernetes.io/hostname';

/** Pods may demand a node without others, not a whole zone. Source: plugin/pkg/admission/antiaffinity. */
export const antiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  operations: new Set(['CREATE', 'UPDATE']),
  resources: new Set(['pods']),
  validate: ({ subresource, object, served, name }) => {
    if (subresource || !object) return;
    const { spec } = object as unknown as Pod;
    for (const { topologyKey } of spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ??
      []) {
      if (topologyKey === hostname) continue;
      const has = `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${topologyKey}`;
      throw forbidden(served, name, `${has} but only key ${hostname} is allowed`);
    }
  },
};
