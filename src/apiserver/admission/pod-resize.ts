import { parseQuantity } from '../../api/quantity.ts';
import { forbidden, StatusError } from '../../api/status.ts';
import type { Node, Pod, PodSpec } from '../../api/types/core-v1.gen.ts';
import { addAmounts, ofPod, type ReadonlyAmounts, requestsOf } from '../../resources/rules/pod-amounts.ts';
import type { Store } from '../../store/store.ts';
import { sameTree } from '../registry/equality.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** What is compared, each in nanos of the unit it is told in. */
const units = { cpu: 1_000_000n, memory: 1_000_000_000n } as const;

/** A pod grows no larger than its node, and on Linux only. Source: plugin/pkg/admission/podresize. */
export function podResize(store: Store): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    operations: new Set(['UPDATE']),
    resources: new Set(['pods']),
    validate: (request) => {
      if (request.subresource !== 'resize') return;
      const [pod, old] = [request.object, request.old] as unknown as [Pod, Pod];
      const { spec } = pod;
      if (!spec?.nodeName || sameTree(spec, old.spec)) return;
      const found = store.head({ resource: 'nodes', namespace: '', name: spec.nodeName })?.object;
      if (!found) throw forbidden(request.served, request.name, `node ${JSON.stringify(spec.nodeName)} not found`);
      const node = found as unknown as Node;
      const missing = lacking(spec, (node.status?.allocatable ?? {}) as ReadonlyAmounts);
      if (missing !== '')
        throw caused(request, 'NodeCapacity', `Node didn't have enough allocatable resources: ${missing}`);
      const system = node.metadata.labels?.['kubernetes.io/os'] ?? '';
      if (system === 'linux') return;
      const where = `node ${JSON.stringify(spec.nodeName)} is ${JSON.stringify(system)}`;
      throw caused(request, 'UnsupportedPlatform', `pod resize is only supported on linux nodes, ${where}`);
    },
  };
}

/** What a node has too little of; empty when the pod fits. */
function lacking(spec: PodSpec, allocatable: ReadonlyAmounts): string {
  const requests = ofPod(spec, requestsOf, 'requests');
  addAmounts(requests, (spec.overhead ?? {}) as ReadonlyAmounts);
  const texts = Object.entries(units).flatMap(([name, unit]) => {
    const [asked, has] = [whole(requests[name], unit), whole(allocatable[name], unit)];
    return asked > has ? [`${name}, requested: ${asked}, allocatable: ${has}`] : [];
  });
  return texts.join('; ');
}

/** A quantity in whole units, rounded up. */
const whole = (text: string | undefined, unit: bigint): bigint =>
  text === undefined ? 0n : (parseQuantity(text).nano + unit - 1n) / unit;

/** A refusal that says by a name why, for autoscalers. */
function caused({ served, name }: AdmissionRequest, reason: string, why: string): StatusError {
  const { message, status } = forbidden(served, name, why);
  return new StatusError('Forbidden', message, { ...status.details, causes: [{ reason }] });
}
