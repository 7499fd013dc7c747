import type { KubeObject, Mutable } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import { own } from './equality.ts';
import type { Operation, Registry, Result } from './operation.ts';
import { onNewestHead, replace } from './update.ts';

interface DeploymentRollback {
  readonly name?: string;
  readonly updatedAnnotations?: Readonly<Record<string, string>>;
  readonly rollbackTo?: { readonly revision?: number };
}

/** What the deployment controller reads. */
const wish = 'deprecated.deployment.rollback.to';

/**
 * POST of deployments/NAME/rollback, which old versions have: leaves the wish for a revision with the deployment.
 * Source: kubernetes 1.15 `pkg/registry/apps/deployment/storage`, RollbackREST.
 */
export async function rollBack(registry: Registry, op: Operation): Promise<Result> {
  const { name, updatedAnnotations, rollbackTo } = (op.object ?? {}) as DeploymentRollback;
  if (name !== op.name) throw badRequest('name in URL does not match name in DeploymentRollback object');
  const target = { ...op, subresource: '', object: undefined };
  await onNewestHead(registry, target, (head) => {
    const next = own(head.object) as Mutable<KubeObject>;
    const revision = JSON.stringify(rollbackTo?.revision ?? 0);
    next.metadata.annotations = { ...next.metadata.annotations, ...updatedAnnotations, [wish]: revision };
    return replace(registry, target, head, next);
  });
  const message = `rollback request for deployment ${JSON.stringify(op.name)} succeeded`;
  return {
    as: 'object',
    code: 201,
    object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', message, code: 200 },
  };
}
