import { configMaps as configMapsRef, namespaces as namespacesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { ConfigMap } from '../../api/types/core-v1.gen.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { isNamespaceGoing } from '../namespace-going.ts';
import { planRootCa, rootCaName } from './plan.ts';

/** Publishes the cluster's CA certificate as ConfigMap kube-root-ca.crt in every namespace. */
export const rootCaController: ControllerDescriptor = {
  name: 'root-ca-certificate-publisher-controller',
  account: 'root-ca-cert-publisher',
  build({ name, client, informers, clock, log, caPem }) {
    const namespaces = informers.of(namespacesRef);
    const configMaps = informers.named(configMapsRef, rootCaName);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(namespaces, configMaps),
      async reconcile({ key, signal }) {
        const plan = planRootCa(namespaces.get(key), configMaps.get({ namespace: key, name: rootCaName }), caPem);
        if (!plan) return;
        try {
          const writer = client.resource(configMapsRef);
          await ('create' in plan ? writer.create(plan.create, { signal }) : writer.update(plan.update, { signal }));
        } catch (error) {
          if (!isStatus(error, 'AlreadyExists') && !isNamespaceGoing(error)) throw error;
        }
      },
    });
    const changed = ({ metadata }: ConfigMap) => reconciler.add(metadata!.namespace!);
    namespaces.on({ added: (namespace) => reconciler.add(namespace.metadata.name!) });
    configMaps.on({ updated: (_, configMap) => changed(configMap), deleted: changed });
    return reconciler;
  },
};
