import type { KubeObject, Mutable } from '../../api/object.ts';
import { badRequest, conflict, invalid } from '../../api/status.ts';
import { timestamp } from '../../base/clock.ts';
import { type Entry, RevisionMismatch } from '../../store/store.ts';
import { own } from './equality.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { Moved, onNewestHead } from './update.ts';

interface Binding {
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
  };
  readonly target?: { readonly kind?: string; readonly name?: string };
}

interface PodParts {
  spec: { nodeName?: string; schedulingGates?: readonly unknown[] };
  status?: { conditions?: { type: string; status: string; [field: string]: unknown }[] };
}

/** POST of pods/NAME/binding: the scheduler's word on where a pod runs. Source: registry/core/pod/storage, BindingREST. */
export async function bind(registry: Registry, op: Operation): Promise<Result> {
  const binding = op.object as unknown as Binding | undefined;
  const name = op.name || binding?.metadata?.name || '';
  const node = binding?.target?.name;
  if (binding?.metadata?.name && binding.metadata.name !== name)
    throw badRequest('name in URL does not match name in Binding object');
  if (!node || (binding?.target?.kind ?? 'Node') !== 'Node') throw invalidTarget(name, binding?.target?.kind, node);
  const target = { ...op, name, subresource: '' };
  if (op.options.dryRun) return success();
  await onNewestHead(registry, target, (head) => assign(registry, target, head, binding, node));
  return success();
}

async function assign(registry: Registry, op: Operation, head: Entry, binding: Binding, node: string): Promise<Result> {
  const old = head.object;
  const refuse = (why: string) => conflict(named(op), op.name, why);
  const spec = old['spec'] as PodParts['spec'];
  if (binding.metadata?.uid && binding.metadata.uid !== old.metadata.uid)
    throw refuse(
      `Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${old.metadata.uid}`,
    );
  if (old.metadata.deletionTimestamp) throw refuse(`pod ${op.name} is being deleted, cannot be assigned to a host`);
  if (spec.nodeName) throw refuse(`pod ${op.name} is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  if (spec.schedulingGates?.length) throw refuse(`pod ${op.name} has non-empty .spec.schedulingGates`);
  const pod = own(old) as Mutable<KubeObject>;
  (pod['spec'] as PodParts['spec']).nodeName = node;
  if (binding.metadata?.annotations)
    pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  if (binding.metadata?.labels) pod.metadata.labels = { ...pod.metadata.labels, ...binding.metadata.labels };
  const status = (pod['status'] ??= {}) as NonNullable<PodParts['status']>;
  const others = (status.conditions ?? []).filter((c) => c.type !== 'PodScheduled');
  status.conditions = [
    ...others,
    {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: timestamp(registry.clock.wall()),
      ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
    },
  ];
  try {
    const entry = await registry.store.update(keyOf(op), pod, head.revision);
    return { as: 'entry', code: 201, entry };
  } catch (error) {
    if (error instanceof RevisionMismatch) throw new Moved(op);
    throw error;
  }
}

function invalidTarget(name: string, kind: string | undefined, node: string | undefined) {
  const field = node ? 'target.kind' : 'target.name';
  const body = node
    ? `Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`
    : 'Required value';
  const type = node ? 'FieldValueNotSupported' : 'FieldValueRequired';
  return invalid({ group: '', kind: 'Binding' }, name, [{ type, field, body, text: `${field}: ${body}` }]);
}

const success = (): Result => ({
  as: 'object',
  code: 201,
  object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
});
