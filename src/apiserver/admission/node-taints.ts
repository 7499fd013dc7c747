import type { Mutable } from '../../api/object.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';

const notReady = 'node.kubernetes.io/not-ready';

/** A new node takes no pods before it has said that it is ready. Source: plugin/pkg/admission/nodetaint. */
export const nodeTaints: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  operations: new Set(['CREATE']),
  resources: new Set(['nodes']),
  mutate: ({ subresource, object }) => {
    if (subresource || !object) return;
    const spec = ((object as unknown as Mutable<Node>).spec ??= {});
    if (spec.taints?.some((taint) => taint.key === notReady && taint.effect === 'NoSchedule')) return;
    spec.taints = [...(spec.taints ?? []), { key: notReady, effect: 'NoSchedule' }];
  },
};
