import type { KubeObject, Mutable } from '../../api/object.ts';
import { badRequest, isStatus, notFound, StatusError } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import type { CallOptions } from '../../client/call.ts';
import { type Entry, RevisionMismatch } from '../../store/store.ts';
import { Admission } from '../admission/admission.ts';
import { admitCreate } from './admit.ts';
import { remove } from './delete.ts';
import { type Budget, budgetsOf, stillProcessing, useDisruption } from './disruption-budget.ts';
import { own } from './equality.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { setPodCondition } from './pod-conditions.ts';
import { refuseUnmetDelete } from './preconditions.ts';
import { Moved } from './update.ts';

interface Eviction extends KubeObject {
  readonly deleteOptions?: Omit<CallOptions, 'dryRun'> & { readonly dryRun?: readonly string[] };
}

const attempts = 20;

/**
 * POST of pods/NAME/eviction: a delete that asks the disruption budgets first. Pods that have ended need no budget.
 * Source: registry/core/pod/storage/eviction.go.
 */
export async function evict(registry: Registry, op: Operation): Promise<Result> {
  const eviction = op.object as (Mutable<KubeObject> & Eviction) | undefined;
  if (!eviction) throw badRequest('the request body is empty');
  if (eviction.metadata.name !== op.name) throw badRequest('name in URL does not match name in Eviction object');
  const { dryRun = false } = optionsOf(op, eviction);
  const admitting = admitCreate(registry, { ...op, options: { ...op.options, dryRun } });
  if (admitting) await admitting;
  // Webhooks may have changed them.
  const options = optionsOf(op, eviction);
  const asked = { ...op, subresource: '', object: undefined, options };
  if (!(await removedUnasked(registry, asked))) await removeWithinBudget(registry, asked);
  return success;
}

const success: Result = {
  as: 'object',
  code: 201,
  object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as unknown as KubeObject,
};

/** How to delete: as the eviction says, and without doing it when either the request or the eviction says so. */
function optionsOf(op: Operation, { deleteOptions }: Eviction): CallOptions {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = deleteOptions ?? {};
  return {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy && { propagationPolicy }),
    ...(orphanDependents !== undefined && { orphanDependents }),
    ...(preconditions && { preconditions }),
    ...((op.options.dryRun || dryRun?.length) && { dryRun: true }),
  };
}

function headOf(registry: Registry, op: Operation): Entry {
  const head = registry.store.head(keyOf(op));
  if (!head) throw notFound(named(op), op.name);
  return head;
}

const podOf = (entry: Entry): Pod => entry.object as unknown as Pod;
const ended = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Pods that serve nobody, or are going already: no budget counts them. */
const isUncounted = (pod: Pod): boolean =>
  ended(pod) || pod.status?.phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;

/** The pod must still be what it was found to be, unless the user named a state to insist on. */
function insistingOn(op: Operation, { object }: Entry): Operation {
  if (op.options.preconditions?.resourceVersion) return op;
  const { resourceVersion } = object.metadata;
  const preconditions = { ...op.options.preconditions, ...(resourceVersion && { resourceVersion }) };
  return { ...op, options: { ...op.options, preconditions } };
}

/** Deletes a pod that no budget counts. Returns whether it was one. */
async function removedUnasked(registry: Registry, op: Operation): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const head = headOf(registry, op);
    const pod = podOf(head);
    if (!isUncounted(pod)) return false;
    // A pending pod may become ready any moment.
    const mayChange = !ended(pod) && !pod.metadata.deletionTimestamp;
    try {
      await removeMarked(registry, mayChange ? insistingOn(op, head) : op);
      return true;
    } catch (error) {
      const final = op.options.preconditions?.resourceVersion || attempt === attempts;
      if (final || !isStatus(error, 'Conflict')) throw error;
    }
  }
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** Whether an unhealthy pod may go without counting: it is none of those that the budget wants healthy. */
const isSpare = ({ spec, status }: Budget): boolean =>
  spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
  ((status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0);

async function removeWithinBudget(registry: Registry, op: Operation): Promise<void> {
  const head = headOf(registry, op);
  const budgets = budgetsOf(registry, head.object);
  if (budgets.length > 1) throw severalBudgets();
  const [budget] = budgets;
  if (budget && !isReady(podOf(head)) && isSpare(budget)) {
    try {
      await removeMarked(registry, insistingOn(op, head));
    } catch (error) {
      // It changed, perhaps to healthy: to be asked again, unless the user insisted on this very state.
      if (!isStatus(error, 'Conflict') || op.options.preconditions?.resourceVersion) throw error;
      throw stillProcessing(budget.metadata.name ?? '');
    }
    return;
  }
  if (budget) await useDisruption(registry, budget, op.name, op.options.dryRun ?? false);
  await removeMarked(registry, op);
}

const severalBudgets = (): StatusError =>
  StatusError.from({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    code: 500,
  });

/** Notes on the pod why it goes, and deletes it. */
async function removeMarked(registry: Registry, op: Operation): Promise<void> {
  if (op.options.dryRun) {
    await remove({ ...registry, admission: none }, op);
    return;
  }
  const { resourceVersion } = await mark(registry, op);
  const { preconditions } = op.options;
  const insisting = preconditions?.resourceVersion && resourceVersion;
  // The mark made a new state of the pod, which takes the place of the one insisted on.
  const options = insisting ? { ...op.options, preconditions: { ...preconditions, resourceVersion } } : op.options;
  await remove({ ...registry, admission: none }, { ...op, options });
}

/** The eviction was admitted; the deletion that follows is nobody's own. */
const none = new Admission([]);

async function mark(registry: Registry, op: Operation): Promise<KubeObject['metadata']> {
  for (let attempt = 1; ; attempt++) {
    const head = headOf(registry, op);
    refuseUnmetDelete(op, head.object);
    const pod = own(head.object) as Mutable<KubeObject>;
    setPodCondition(pod, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastTransitionTime: timestamp(registry.clock.wall()),
    });
    try {
      return (await registry.store.update(keyOf(op), pod, head.revision)).object.metadata;
    } catch (error) {
      if (!(error instanceof RevisionMismatch)) throw error;
      if (attempt === attempts) throw new Moved(op);
    }
  }
}
