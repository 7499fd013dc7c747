import { configMaps as configMapsRef, secrets as secretsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { bootstrapNamespace, bootstrapTokenType } from '../../resources/core/bootstrap-token.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { planSignatures } from './plan.ts';

const info = { namespace: 'kube-public', name: 'cluster-info' };
const key = `${info.namespace}/${info.name}`;

/** Signs what joining nodes are told of the cluster with every token they may have, so that they can trust it. */
export const bootstrapSignerController: ControllerDescriptor = {
  name: 'bootstrap-signer-controller',
  account: 'bootstrap-signer',
  build({ name, client, informers, clock, log }) {
    const infos = informers.named(configMapsRef, info.name);
    const secrets = informers.where(secretsRef, `type=${bootstrapTokenType}`);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(infos, secrets),
      async reconcile({ signal }) {
        const current = infos.get(info);
        const data = current && planSignatures(current, secrets.list(bootstrapNamespace), clock.wall());
        if (!data) return;
        try {
          await client.resource(configMapsRef).update({ ...current, data }, { signal });
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    const look = () => reconciler.add(key);
    infos.on({ added: ({ metadata }) => metadata.namespace === info.namespace && look(), updated: look });
    secrets.on({ added: look, updated: look, deleted: look });
    return reconciler;
  },
};
