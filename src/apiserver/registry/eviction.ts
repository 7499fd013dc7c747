import type { KubeObject } from '../../api/object.ts';
import { type LabelSelectorLike, labelSelectorOf } from '../../api/selector.ts';
import { badRequest, notFound, StatusError } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import { remove } from './delete.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';

interface Budget extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelectorLike };
  readonly status?: { readonly disruptionsAllowed?: number };
}

/**
 * POST of pods/NAME/eviction: a delete that asks the disruption budgets first. Pods that have ended need no budget.
 * Source: registry/core/pod/storage/eviction.go.
 */
export async function evict(registry: Registry, op: Operation): Promise<Result> {
  const eviction = op.object as (KubeObject & { deleteOptions?: CallOptions }) | undefined;
  const name = eviction?.metadata?.name;
  if (name && name !== op.name) throw badRequest('name in URL does not match name in Eviction object');
  const head = registry.store.head(keyOf(op));
  if (!head) throw notFound(named(op), op.name);
  refuseBudgeted(registry, op, head.object);
  const options = { ...op.options, ...eviction?.deleteOptions };
  await remove(registry, { ...op, subresource: '', options });
  return {
    as: 'object',
    code: 201,
    object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  };
}

function refuseBudgeted(registry: Registry, op: Operation, pod: KubeObject): void {
  const phase = (pod['status'] as { phase?: string } | undefined)?.phase;
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp) return;
  const budgets = registry.store
    .list('poddisruptionbudgets.policy', { namespace: op.namespace })
    .entries.map((entry) => entry.object as Budget)
    .filter((budget) => labelSelectorOf(budget.spec?.selector).matches(pod.metadata.labels));
  if (budgets.length > 1)
    throw new StatusError(
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const budget = budgets[0];
  if (!budget || (budget.status?.disruptionsAllowed ?? 0) > 0) return;
  throw new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budget.metadata.name} needs more healthy pods and none may be disrupted now`,
      },
    ],
  });
}
