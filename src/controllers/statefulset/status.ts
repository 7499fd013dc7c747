import type { StatefulSet, StatefulSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isAvailable } from '../pod-state.ts';
import { wantedReplicas } from './identity.ts';
import { isGoing, type Revisions, revisionOf, runs } from './plan.ts';

/** The status the pods give. A finished update makes the new revision the current one. */
export function setStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  collisions: number,
  now: number,
): StatefulSetStatus {
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  const created = pods.filter((pod) => pod.status?.phase);
  const ready = created.filter(runs).length;
  const available = created.filter((pod) => runs(pod) && isAvailable(pod, minReadySeconds, now)).length;
  const at = (revision: string) => created.filter((pod) => !isGoing(pod) && revisionOf(pod) === revision).length;
  const wanted = wantedReplicas(set);
  const updated = at(revisions.update);
  const rolling = set.spec?.updateStrategy?.type !== 'OnDelete';
  const complete = rolling && updated === wanted && ready === wanted && created.length === wanted;
  const current = complete ? updated : at(revisions.current);
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: created.length,
    ...(ready > 0 && { readyReplicas: ready }),
    ...(current > 0 && { currentReplicas: current }),
    ...(updated > 0 && { updatedReplicas: updated }),
    currentRevision: complete ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: collisions,
    availableReplicas: available,
    ...(set.status?.conditions && { conditions: set.status.conditions }),
  };
}
