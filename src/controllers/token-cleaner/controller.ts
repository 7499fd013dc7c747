import { secrets as secretsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { bootstrapTokenType } from '../../resources/core/bootstrap-token.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { removeIn } from './plan.ts';

/** Removes bootstrap tokens when their time is up. */
export const tokenCleanerController: ControllerDescriptor = {
  name: 'token-cleaner-controller',
  account: 'token-cleaner',
  build({ name, client, informers, clock, log }) {
    const secrets = informers.where(secretsRef, `type=${bootstrapTokenType}`);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(secrets),
      async reconcile({ key, signal }) {
        const secret = secrets.get(key);
        const wait = secret && removeIn(secret, clock.wall());
        if (wait === undefined) return;
        if (wait > 0) return { after: wait };
        try {
          const preconditions = { uid: secret!.metadata.uid! };
          await client.resource(secretsRef).delete(parseKey(key), { preconditions, signal });
        } catch (error) {
          if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
        }
      },
    });
    secrets.on({
      added: (secret) => reconciler.add(keyOf(secret)),
      updated: (_, secret) => reconciler.add(keyOf(secret)),
    });
    return reconciler;
  },
};
