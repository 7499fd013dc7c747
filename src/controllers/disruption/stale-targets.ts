import { pods as podsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { keyOf } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, synced } from '../controller.ts';
import { isTerminal, podCondition } from '../pod-state.ts';

/** How long a pod may say that it is about to be deleted without being deleted. */
export const staleAfter = 2 * 60_000;

const type = 'DisruptionTarget';

/**
 * Milliseconds until the pod's announcement that it is about to be deleted is stale, undefined when it has made none
 * that could be. A kubelet may take any time between announcement and deletion.
 */
export function staleIn(pod: Pod, now: number): number | undefined {
  const target = podCondition(pod, type);
  if (target?.status !== 'True' || target.reason === 'TerminationByKubelet') return undefined;
  if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return undefined;
  return Math.max(0, Date.parse(target.lastTransitionTime ?? '') + staleAfter - now || 0);
}

/** The pod with the announcement withdrawn. */
export function withdrawn(pod: Pod, now: number): Pod {
  const { generation } = pod.metadata;
  const lastTransitionTime = timestamp(now);
  const not = { type, status: 'False', lastTransitionTime, ...(generation && { observedGeneration: generation }) };
  const conditions = pod.status?.conditions?.map((condition) => (condition.type === type ? not : condition)) ?? [];
  return { ...pod, status: { ...pod.status, conditions } };
}

/** Withdraws stale announcements from pods, as nobody else would. */
export function staleTargets({ name, informers, client, clock, log }: ControllerContext): Reconciler {
  const pods = informers.of(podsRef);
  const reconciler = new Reconciler({
    name: `${name}/stale-targets`,
    clock,
    log,
    ready: synced(pods),
    async reconcile({ key, signal }): Promise<ReconcileResult | undefined> {
      const pod = pods.get(key);
      const left = pod && staleIn(pod, clock.wall());
      if (left === undefined) return undefined;
      if (left > 0) return { after: left };
      try {
        await client.resource(podsRef).updateStatus(withdrawn(pod!, clock.wall()), { signal });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  });
  const changed = (pod: Pod) => {
    const left = staleIn(pod, clock.wall());
    if (left !== undefined) reconciler.addAfter(keyOf(pod), left);
  };
  pods.on({ added: changed, updated: (_, pod) => changed(pod) });
  return reconciler;
}
