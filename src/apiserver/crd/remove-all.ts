import type { UserInfo } from '../../client/call.ts';
import { removeCollection } from '../registry/delete-collection.ts';
import type { Operation, Registry } from '../registry/operation.ts';
import type { Served } from '../registry/served.ts';

/** Deletes every object of a kind in all namespaces, as the API server itself. Finalizers are honoured. */
export async function removeAll(registry: Registry, user: UserInfo, served: Served): Promise<void> {
  const op: Operation = {
    user,
    manager: 'kube-apiserver',
    served,
    namespace: '',
    name: '',
    subresource: '',
    options: {},
    object: undefined,
    patch: undefined,
    warn: () => {},
    signal: () => undefined,
  };
  await removeCollection(registry, op);
}
