import { pods as podsRef } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { Pod } from '../api/types/core-v1.gen.ts';
import { keyOf, parseKey } from '../client/object-key.ts';
import type { ControllerContext } from './controller.ts';
import { disruptionTarget } from './disruption-target.ts';

/** Who deletes pods because of taints, and what it gives as the reason. */
export interface TaintManager {
  /** "Taint manager". */
  readonly title: string;
  /** "DeletionByTaintManager". */
  readonly reason: string;
}

/** Says in a pod's status why it goes, then deletes it. `marked` hears when the reason stands. Whether it was still there. */
export async function evictTainted(
  { client, clock }: ControllerContext,
  { title, reason }: TaintManager,
  pod: Pod,
  marked: () => void,
  signal: AbortSignal,
): Promise<boolean> {
  const pods = client.resource(podsRef);
  const key = parseKey(keyOf(pod));
  const uid = pod.metadata.uid!;
  const conditions = [disruptionTarget(reason, `${title}: deleting due to NoExecute taint`, clock.wall())];
  try {
    const body = { metadata: { uid }, status: { conditions } };
    await pods.patch(key, { type: 'strategic', body }, { subresource: 'status', signal });
    marked();
    await pods.delete(key, { preconditions: { uid }, signal });
    return true;
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
    return false;
  }
}
