import type { Mutable } from '../../api/object.ts';
import type { Pod, Toleration } from '../../api/types/core-v1.gen.ts';
import type { AdmissionPlugin } from './admission.ts';

const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const seconds = 300;

/** Pods stay five minutes on a node that is lost, unless they say otherwise. Source: defaulttolerationseconds. */
export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  operations: new Set(['CREATE', 'UPDATE']),
  resources: new Set(['pods']),
  mutate: ({ subresource, object }) => {
    if (subresource || !object) return;
    const spec = (object as unknown as Mutable<Pod>).spec;
    if (!spec) return;
    const missing = taints.filter((key) => !(spec.tolerations ?? []).some((t) => tolerates(t, key)));
    if (missing.length === 0) return;
    spec.tolerations = [
      ...(spec.tolerations ?? []),
      ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds }) as const),
    ];
  },
};

const tolerates = (t: Toleration, key: string) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect);
