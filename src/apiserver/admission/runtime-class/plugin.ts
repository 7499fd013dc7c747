import type { Mutable } from '../../../api/object.ts';
import { compareQuantities } from '../../../api/quantity.ts';
import { forbidden } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { RuntimeClass } from '../../../api/types/node-v1.gen.ts';
import type { ReadonlyAmounts } from '../../../resources/rules/pod-amounts.ts';
import { mergeTolerations } from '../../../resources/rules/tolerations.ts';
import type { Store } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

type Spec = Mutable<NonNullable<Pod['spec']>>;

const classes = 'runtimeclasses.node.k8s.io';

/**
 * Gives a new pod what running it costs beside its containers, and the nodes it may run on, both by its RuntimeClass.
 * Source: plugin/pkg/admission/runtimeclass.
 */
export function runtimeClass(store: Store): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    operations: new Set(['CREATE']),
    resources: new Set(['pods']),
    mutate: (request) => {
      const spec = specOf(request);
      const found = spec?.runtimeClassName && classOf(store, request, spec.runtimeClassName);
      if (!found) return;
      if (found.overhead) setOverhead(request, spec, found.overhead.podFixed as ReadonlyAmounts | undefined);
      if (found.scheduling) setScheduling(request, spec, found.scheduling);
    },
    validate: (request) => {
      const spec = specOf(request);
      if (!spec) return;
      const found = spec.runtimeClassName ? classOf(store, request, spec.runtimeClassName) : undefined;
      if (found?.overhead) {
        if (!sameAmounts(found.overhead.podFixed as ReadonlyAmounts | undefined, overheadOf(spec)))
          throw rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
      } else if (spec.overhead)
        throw rejected(request, 'Pod Overhead set without corresponding RuntimeClass defined Overhead');
    },
  };
}

const specOf = ({ subresource, object }: AdmissionRequest): Spec | undefined =>
  subresource ? undefined : (object as unknown as Mutable<Pod> | undefined)?.spec;

const overheadOf = (spec: Spec) => spec.overhead as ReadonlyAmounts | undefined;

const rejected = ({ served, name }: AdmissionRequest, why: string) => forbidden(served, name, `pod rejected: ${why}`);

function classOf(store: Store, request: AdmissionRequest, name: string): RuntimeClass {
  const head = store.head({ resource: classes, namespace: '', name });
  if (!head) throw rejected(request, `RuntimeClass ${JSON.stringify(name)} not found`);
  return head.object as unknown as RuntimeClass;
}

function setOverhead(request: AdmissionRequest, spec: Spec, overhead: ReadonlyAmounts | undefined): void {
  if (spec.overhead && !sameAmounts(overhead, overheadOf(spec)))
    throw rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  if (overhead) spec.overhead = { ...overhead };
}

function sameAmounts(a: ReadonlyAmounts = {}, b: ReadonlyAmounts = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && compareQuantities(a[name]!, b[name]!) === 0)
  );
}

function setScheduling(
  { served, name }: AdmissionRequest,
  spec: Spec,
  { nodeSelector = {}, tolerations = [] }: NonNullable<RuntimeClass['scheduling']>,
): void {
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector && Object.hasOwn(spec.nodeSelector, key) ? spec.nodeSelector[key] : undefined;
    if (own === undefined || own === value) continue;
    const conflict = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
    throw forbidden(served, name, `conflict: ${conflict}`);
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  if (tolerations.length > 0) spec.tolerations = mergeTolerations(spec.tolerations ?? [], tolerations);
}
