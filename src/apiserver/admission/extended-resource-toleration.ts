import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Pod, Toleration } from '../../api/types/core-v1.gen.ts';
import { isExtendedResource } from '../../resources/rules/quantities.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Whoever asks for an extended resource may be on nodes that are tainted by its name. Source: plugin/pkg/admission/extendedresourcetoleration. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  operations: new Set(['CREATE', 'UPDATE']),
  resources: new Set(['pods']),
  mutate: ({ subresource, object }) => {
    const spec = (object as unknown as Mutable<Pod> | undefined)?.spec;
    if (subresource || !spec) return;
    const asked = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
      Object.keys(resources?.requests ?? {}).filter(isExtendedResource),
    );
    const missing = [...new Set(asked)]
      .sort()
      .map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoSchedule' }))
      .filter((toleration) => !(spec.tolerations ?? []).some((own) => sameValue(own, toleration)));
    if (missing.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...missing];
  },
};
