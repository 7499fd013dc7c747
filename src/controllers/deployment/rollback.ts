import { type Mutable, thaw } from '../../api/object.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import { hashLabel, sameTemplate } from '../template-hash.ts';
import { isCopied, revisionOf, rollbackAnnotation } from './revision.ts';

/**
 * Going back to an earlier revision, as clients of extensions/v1beta1 and apps/v1beta1 ask for it. kubectl of today writes
 * the earlier template itself. Source: kubernetes `pkg/controller/deployment/rollback.go`.
 */

/** The revision a deployment is to go back to, 0 for the one before; undefined when nobody has asked. */
export function wantedRevision(deployment: Deployment): number | undefined {
  const text = deployment.metadata.annotations?.[rollbackAnnotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export interface Rollback {
  /** The deployment to write: the wish is gone from it, whether or not it could be fulfilled. */
  readonly deployment: Deployment;
  readonly event: readonly [type: 'Normal' | 'Warning', reason: string, message: string];
}

/** What becomes of a wish for a revision, given all ReplicaSets. */
export function planRollback(deployment: Deployment, wanted: number, sets: readonly ReplicaSet[]): Rollback {
  const revision = wanted || lastRevision(sets);
  const unfulfilled = (reason: string, message: string): Rollback => ({
    deployment: withoutWish(deployment),
    event: ['Warning', reason, message],
  });
  if (revision === 0) return unfulfilled('DeploymentRollbackRevisionNotFound', 'Unable to find last revision.');
  const target = sets.find((set) => revisionOf(set) === revision);
  if (!target) return unfulfilled('DeploymentRollbackRevisionNotFound', 'Unable to find the revision to rollback to.');
  const { name } = deployment.metadata;
  if (sameTemplate(target.spec?.template ?? {}, deployment.spec!.template))
    return unfulfilled(
      'DeploymentRollbackTemplateUnchanged',
      `The rollback revision contains the same template as current deployment "${name}"`,
    );
  const message = `Rolled back deployment "${name}" to revision ${revision}`;
  return { deployment: rolledBack(deployment, target), event: ['Normal', 'DeploymentRollback', message] };
}

/** The revision before the newest; 0 when there is none. */
function lastRevision(sets: readonly ReplicaSet[]): number {
  return sets.map(revisionOf).toSorted((a, b) => b - a)[1] ?? 0;
}

function withoutWish(deployment: Deployment): Mutable<Deployment> {
  const copy = thaw(deployment);
  delete copy.metadata.annotations?.[rollbackAnnotation];
  return copy;
}

/** With the template of a ReplicaSet, and the annotations it had taken from the deployment then. */
function rolledBack(deployment: Deployment, target: ReplicaSet): Deployment {
  const copy = withoutWish(deployment);
  const template = thaw(target.spec!.template!) as NonNullable<Mutable<Deployment>['spec']>['template'];
  delete template.metadata?.labels?.[hashLabel];
  copy.spec!.template = template;
  const own = Object.entries(copy.metadata.annotations ?? {}).filter(([key]) => !isCopied(key));
  const then = Object.entries(target.metadata.annotations ?? {}).filter(([key]) => isCopied(key));
  copy.metadata.annotations = Object.fromEntries([...own, ...then]);
  return copy;
}
