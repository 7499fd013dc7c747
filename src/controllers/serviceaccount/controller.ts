import { serviceAccounts as accountsRef, namespaces as namespacesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { isNamespaceGoing } from '../namespace-going.ts';
import { lacksDefaultAccount } from './plan.ts';

/** Keeps a ServiceAccount "default" in every namespace that is not being deleted. */
export const serviceAccountController: ControllerDescriptor = {
  name: 'serviceaccount-controller',
  account: 'service-account-controller',
  build({ name, client, informers, clock, log }) {
    const namespaces = informers.of(namespacesRef);
    const accounts = informers.of(accountsRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(namespaces, accounts),
      async reconcile({ key, signal }) {
        if (!lacksDefaultAccount(namespaces.get(key), accounts.get({ namespace: key, name: 'default' }))) return;
        try {
          await client.resource(accountsRef).create({ metadata: { name: 'default', namespace: key } }, { signal });
        } catch (error) {
          if (!isStatus(error, 'AlreadyExists') && !isNamespaceGoing(error)) throw error;
        }
      },
    });
    namespaces.on({
      added: (namespace) => reconciler.add(namespace.metadata.name!),
      updated: (_, namespace) => reconciler.add(namespace.metadata.name!),
    });
    accounts.on({
      deleted: ({ metadata }) => {
        if (metadata.name === 'default') reconciler.add(metadata.namespace!);
      },
    });
    return reconciler;
  },
};
