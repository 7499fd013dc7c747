import { createHash } from 'node:crypto';
import { clusterTrustBundles as bundlesRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { bundlePrefix } from '../../resources/certificates/cluster-trust-bundle-rules.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';

/** Who signs what the API server shows of itself. */
const signerName = 'kubernetes.io/kube-apiserver-serving';

/** Publishes the certificate by which the API server is known, so that pods can project it; former ones go. */
export const clusterTrustBundlePublisher: ControllerDescriptor = {
  name: 'kube-apiserver-serving-clustertrustbundle-publisher-controller',
  account: 'kube-apiserver-serving-clustertrustbundle-publisher',
  needs: bundlesRef,
  build({ name, client, informers, clock, log, caPem }) {
    const bundles = informers.where(bundlesRef, `spec.signerName=${signerName}`);
    const hash = createHash('sha256').update(caPem).digest().subarray(0, 12).toString('hex');
    const own = `${bundlePrefix(signerName)}${hash}`;
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(bundles),
      async reconcile({ key, signal }) {
        const resource = client.resource(bundlesRef);
        const current = bundles.get(key);
        try {
          if (key !== own) await resource.delete({ name: key }, { signal });
          else if (!current)
            await resource.create({ metadata: { name: own }, spec: { signerName, trustBundle: caPem } }, { signal });
          else if (current.spec.trustBundle !== caPem)
            await resource.update({ ...current, spec: { ...current.spec, trustBundle: caPem } }, { signal });
        } catch (error) {
          // Somebody was there before: that comes as a change.
          if (!(['NotFound', 'AlreadyExists', 'Conflict'] as const).some((reason) => isStatus(error, reason)))
            throw error;
        }
      },
    });
    reconciler.add(own);
    bundles.on({
      added: ({ metadata }) => reconciler.add(metadata.name!),
      updated: (_, { metadata }) => reconciler.add(metadata.name!),
      deleted: ({ metadata }) => metadata.name === own && reconciler.add(own),
    });
    return reconciler;
  },
};
