import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { KubeObject, Mutable } from '../../api/object.ts';
import { badRequest, conflict, invalid } from '../../api/status.ts';
import { timestamp } from '../../base/clock.ts';
import { type Entry, RevisionMismatch } from '../../store/store.ts';
import { admitCreate } from './admit.ts';
import { own } from './equality.ts';
import { keyOf, type Operation, type Registry, type Result } from './operation.ts';
import { setPodCondition } from './pod-conditions.ts';
import { refuseUnmet } from './preconditions.ts';
import { Moved, onNewestHead } from './update.ts';

interface Binding {
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
  };
  readonly target?: { readonly kind?: string; readonly name?: string };
}

interface PodSpec {
  nodeName?: string;
  readonly schedulingGates?: readonly unknown[];
}

/**
 * POST of pods/NAME/binding: the scheduler's word on where a pod runs. `asked` is what admission is shown, where that is
 * another: POST of bindings. Source: registry/core/pod/storage, BindingREST.
 */
export async function bind(registry: Registry, op: Operation, asked = op): Promise<Result> {
  const binding = op.object as unknown as Binding | undefined;
  const meant = binding?.metadata?.name ?? '';
  const name = op.name || meant;
  if (meant !== name) throw badRequest('name in URL does not match name in Binding object');
  const admitting = admitCreate(registry, asked, () => refuseInvalid(name, binding));
  if (admitting) await admitting;
  const target = { ...op, name, subresource: '' };
  await onNewestHead(registry, target, (head) => assign(registry, target, head, binding!));
  return success;
}

function refuseInvalid(name: string, binding: Binding | undefined): void {
  const errors = new ErrorList();
  const { kind, name: node } = binding?.target ?? {};
  const path = FieldPath.of('target');
  if (kind && kind !== 'Node') errors.notSupported(path.child('kind'), kind, ['Node', '<empty>'], 'given');
  if (!node) errors.required(path.child('name'));
  if (!errors.empty) throw invalid({ group: '', kind: 'Binding' }, name, errors.errors);
}

/** Why a pod cannot be bound, if it cannot. */
function obstacle({ metadata }: KubeObject, { nodeName, schedulingGates }: PodSpec): string | undefined {
  if (metadata.deletionTimestamp) return `pod ${metadata.name} is being deleted, cannot be assigned to a host`;
  if (nodeName) return `pod ${metadata.name} is already assigned to node ${JSON.stringify(nodeName)}`;
  return schedulingGates?.length ? `pod ${metadata.name} has non-empty .spec.schedulingGates` : undefined;
}

/** A version of a pod that is on a node, private as far as that makes a difference: a pod's spec is large. */
function bound(pod: KubeObject, nodeName: string): Mutable<KubeObject> {
  return {
    ...pod,
    metadata: { ...pod.metadata },
    spec: { ...(pod['spec'] as PodSpec), nodeName },
    status: own(pod['status'] ?? {}),
  } as Mutable<KubeObject>;
}

async function assign(registry: Registry, op: Operation, head: Entry, binding: Binding): Promise<Result> {
  const old = head.object;
  refuseUnmet(op, binding.metadata ?? {}, old);
  const why = obstacle(old, old['spec'] as PodSpec);
  if (why) throw conflict({ group: '', resource: 'pods/binding' }, op.name, why);
  if (op.options.dryRun) return success;
  const pod = bound(old, binding.target!.name!);
  // A pod that has its node is in prospect of none (ClearingNominatedNodeNameAfterBinding).
  if (pod['status']) delete (pod['status'] as { nominatedNodeName?: string }).nominatedNodeName;
  const { annotations, labels } = binding.metadata ?? {};
  if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
  if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
  setPodCondition(pod, {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(registry.clock.wall()),
  });
  try {
    const entry = await registry.store.update(keyOf(op), pod, head.revision);
    return { as: 'entry', code: 201, entry };
  } catch (error) {
    if (error instanceof RevisionMismatch) throw new Moved(op);
    throw error;
  }
}

const success: Result = {
  as: 'object',
  code: 201,
  object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as unknown as KubeObject,
};
