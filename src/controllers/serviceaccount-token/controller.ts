import { serviceAccounts as accountsRef, secrets as secretsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { signLegacyToken } from '../../pki/legacy-tokens.ts';
import { accountTokenType } from '../../resources/core/service-account-token.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { managerUser } from '../users.ts';
import { accountNameOf, filled, isFor, missingOf, withoutMention } from './plan.ts';

/** Fills Secrets that are to hold the token of a service account, and removes those whose account is gone. */
export const serviceAccountTokenController: ControllerDescriptor = {
  name: 'serviceaccount-token-controller',
  account: managerUser,
  build(context) {
    const controller = new ServiceAccountTokenController(context);
    return { run: (signal) => controller.reconciler.run(signal) };
  },
};

const byAccount = indexBy<Secret>('account-of-token', (secret) => {
  const name = accountNameOf(secret);
  return name && `${secret.metadata.namespace}/${name}`;
});

class ServiceAccountTokenController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #secrets;
  readonly #accounts;
  /** Secrets that are gone, with the account that may mention them. */
  readonly #gone = new Map<string, string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, name, clock, log } = context;
    this.#secrets = informers.where(secretsRef, `type=${accountTokenType}`).index(byAccount);
    this.#accounts = informers.of(accountsRef);
    this.reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(this.#secrets, this.#accounts),
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
    });
    this.#secrets.on({
      added: (secret) => this.reconciler.add(keyOf(secret)),
      updated: (_, secret) => this.reconciler.add(keyOf(secret)),
      deleted: (secret) => {
        const account = accountNameOf(secret);
        if (!account) return;
        this.#gone.set(keyOf(secret), `${secret.metadata.namespace}/${account}`);
        this.reconciler.add(keyOf(secret));
      },
    });
    const ofAccount = (account: ServiceAccount) => {
      for (const secret of this.#secrets.by(byAccount, keyOf(account))) this.reconciler.add(keyOf(secret));
    };
    this.#accounts.on({ added: ofAccount, deleted: ofAccount });
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const secret = this.#secrets.get(key);
    const name = secret && accountNameOf(secret);
    if (!secret) return this.#unmention(key, signal);
    this.#gone.delete(key);
    if (!name || secret.metadata.deletionTimestamp) return;
    const at = { namespace: secret.metadata.namespace!, name };
    // The cache may be behind; what is deleted is gone for good.
    const known = this.#accounts.get(at);
    const account = known && isFor(secret, known) ? known : await this.#accountNow(at, signal);
    if (account && isFor(secret, account)) await this.#fill(secret, account, signal);
    else await this.#remove(secret, signal);
  }

  async #accountNow(at: { namespace: string; name: string }, signal: AbortSignal): Promise<ServiceAccount | undefined> {
    try {
      return await this.#context.client.resource(accountsRef).get(at, { signal });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #fill(secret: Secret, account: ServiceAccount, signal: AbortSignal): Promise<void> {
    const { caPem, tokenKey, client } = this.#context;
    const missing = missingOf(secret, caPem);
    if (!missing || !tokenKey) return;
    const { name, uid, namespace } = account.metadata!;
    const said = { namespace: namespace!, account: { name: name!, uid: uid! }, secret: secret.metadata.name! };
    const token = missing.token ? await signLegacyToken(said, tokenKey) : undefined;
    try {
      await client.resource(secretsRef).update(filled(secret, account, missing, token), { signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  async #remove(secret: Secret, signal: AbortSignal): Promise<void> {
    try {
      const preconditions = { uid: secret.metadata.uid! };
      await this.#context.client.resource(secretsRef).delete(parseKey(keyOf(secret)), { preconditions, signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
    }
  }

  /** An account that listed the Secret does so no longer. */
  async #unmention(key: string, signal: AbortSignal): Promise<void> {
    const account = this.#accounts.get(this.#gone.get(key) ?? '');
    const changed = account && withoutMention(account, parseKey(key).name);
    try {
      if (changed) await this.#context.client.resource(accountsRef).update(changed, { signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    this.#gone.delete(key);
  }
}
