import { authorize } from '../authz/authorizer.ts';
import type { Operation, Registry } from './operation.ts';

/** Refuses a create that came as another verb, unless the user may create as well. Source: apiserver `withAuthorization`. */
export function refuseCreate(registry: Registry, op: Operation): void {
  const { group, resource } = op.served;
  const { namespace, name, subresource } = op;
  const attributes = { verb: 'create', group, resource, subresource, namespace, name };
  authorize(registry.authorizer, op.user, attributes);
}
