import type { KubeObject, Mutable } from '../../api/object.ts';
import { notFound } from '../../api/status.ts';
import { timestamp } from '../../base/clock.ts';
import { type Entry, KeyMissing, RevisionMismatch } from '../../store/store.ts';
import { admitDelete } from './admit.ts';
import { writeContext } from './create.ts';
import { own } from './equality.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { refuseUnmetDelete } from './preconditions.ts';
import { checkDeleteOptions, finalizersAfterDelete } from './propagation.ts';
import { Moved, onNewestHead } from './update.ts';
import { whenEntriesReady, working } from './versions.ts';

/**
 * DELETE of one object: at once, or by marking it for its finalizers and its grace period. What has become another while
 * admission took its time has to be admitted itself.
 */
export async function remove(registry: Registry, op: Operation): Promise<Result> {
  checkDeleteOptions(op.options);
  return await onNewestHead(registry, op, async (head) => {
    const admitting = admit(registry, op, head);
    if (admitting) await admitting;
    return await removeHead(registry, op, head);
  });
}

/** Synchronous where it can be: then nothing comes between it and the deletion. */
const admit = (registry: Registry, op: Operation, head: Entry): void | Promise<void> =>
  whenEntriesReady<void>(op.served, [head], () => admitDelete(registry, op, working(op.served, head.object)));

/** The object as its kind wants it before it is marked: only the first request to delete changes it. */
function prepared(registry: Registry, op: Operation, object: KubeObject): KubeObject {
  const prepare = op.served.rules.prepareDelete;
  if (!prepare || object.metadata.deletionTimestamp) return object;
  const copy = own(object) as Mutable<KubeObject>;
  prepare(copy, writeContext(registry, op));
  return copy as KubeObject;
}

async function removeHead(registry: Registry, op: Operation, head: Entry): Promise<Result> {
  // What is written must be as everything written today.
  const stored = op.served.custom?.settled(head.object) ?? head.object;
  const object = prepared(registry, op, stored);
  refuseUnmetDelete(op, object);
  const next = afterDelete(registry, op, object);
  try {
    if (next === 'unchanged') {
      await registry.store.flush();
      return { as: 'entry', code: 200, entry: head };
    }
    if (next === 'gone') {
      if (!op.options.dryRun) {
        const entry = await registry.store.delete(keyOf(op), head.revision, {
          ...(op.options.lazy && { lazy: true }),
          ...(object !== head.object && { lastState: own(object) as Mutable<KubeObject> }),
        });
        if (op.served.rules.group === '' && returnsObject.has(op.served.resource))
          return { as: 'entry', code: 200, entry };
      }
      return { as: 'object', code: 200, object: deletedStatus(op, object) };
    }
    if (op.options.dryRun) return { as: 'object', code: 200, object: next };
    const entry = await registry.store.update(keyOf(op), next, head.revision);
    return { as: 'entry', code: 200, entry };
  } catch (error) {
    if (error instanceof RevisionMismatch) throw new Moved(op);
    if (error instanceof KeyMissing) throw notFound(named(op), op.name);
    throw error;
  }
}

/** Kinds whose deletion answers with the deleted object rather than a Status. Source: ReturnDeletedObject in the registries. */
const returnsObject = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'podtemplates',
  'resourcequotas',
  'persistentvolumes',
  'persistentvolumeclaims',
]);

/** What the delete turns the object into: nothing, itself, or a marked copy. */
function afterDelete(
  registry: Registry,
  op: Operation,
  object: KubeObject,
): 'gone' | 'unchanged' | Mutable<KubeObject> {
  const finalizers = finalizersAfterDelete(op.served, object, op.options);
  const grace = graceOf(registry, op, object);
  if (grace === 'pending') return 'unchanged';
  if (op.served.qualified === 'namespaces') return afterNamespaceDelete(registry, object, finalizers);
  if (grace === undefined || grace.seconds === 0) {
    if (finalizers.length === 0) return 'gone';
    const marked = finalizers === object.metadata.finalizers && object.metadata.deletionTimestamp;
    if (marked && (grace === undefined || object.metadata.deletionGracePeriodSeconds === 0)) return 'unchanged';
    return markDeleted(object, finalizers, object.metadata.deletionTimestamp ?? timestamp(registry.clock.wall()), 0);
  }
  return markDeleted(object, finalizers, timestamp(grace.until), grace.seconds);
}

/**
 * The grace period to grant: undefined for kinds without one, "pending" when a running one is not shortened.
 * Source: apiserver `registry/rest/delete.go`, BeforeDelete.
 */
function graceOf(
  registry: Registry,
  op: Operation,
  object: KubeObject,
): { seconds: number; until: number } | 'pending' | undefined {
  const check = op.served.rules.gracefulDelete;
  if (!check) return undefined;
  const asked = op.options.gracePeriodSeconds;
  const { deletionTimestamp, deletionGracePeriodSeconds: running } = object.metadata;
  if (deletionTimestamp) {
    if (!running) return undefined;
    if (asked === undefined || asked >= running) return 'pending';
    return { seconds: asked, until: Date.parse(deletionTimestamp) - running * 1000 + asked * 1000 };
  }
  const granted = check(object, asked);
  return granted === undefined ? undefined : { seconds: granted, until: registry.clock.wall() + granted * 1000 };
}

function markDeleted(
  object: KubeObject,
  finalizers: readonly string[],
  at: string,
  graceSeconds: number,
): Mutable<KubeObject> {
  const marked = own(object) as Mutable<KubeObject>;
  const metadata = marked.metadata;
  if (!metadata.deletionTimestamp && metadata.generation) metadata.generation++;
  metadata.deletionTimestamp = at;
  metadata.deletionGracePeriodSeconds = graceSeconds;
  if (finalizers.length > 0) metadata.finalizers = [...finalizers];
  else delete metadata.finalizers;
  return marked;
}

/** A namespace is marked first and goes when `spec.finalizers` is empty. Source: registry/core/namespace/storage. */
function afterNamespaceDelete(
  registry: Registry,
  object: KubeObject,
  finalizers: readonly string[],
): 'gone' | 'unchanged' | Mutable<KubeObject> {
  const held = (object['spec'] as { finalizers?: readonly string[] } | undefined)?.finalizers ?? [];
  if (!object.metadata.deletionTimestamp) {
    const marked = own(object) as Mutable<KubeObject>;
    marked.metadata.deletionTimestamp = timestamp(registry.clock.wall());
    if (finalizers.length > 0) marked.metadata.finalizers = [...finalizers];
    marked['status'] = { ...(marked['status'] as object | undefined), phase: 'Terminating' };
    return marked;
  }
  return held.length === 0 && finalizers.length === 0 ? 'gone' : 'unchanged';
}

function deletedStatus(op: Operation, object: KubeObject): KubeObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: op.name,
      ...(op.served.group && { group: op.served.group }),
      kind: op.served.resource,
      uid: object.metadata.uid,
    },
  };
}
