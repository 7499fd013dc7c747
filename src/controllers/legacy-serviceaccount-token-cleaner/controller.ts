import {
  serviceAccounts as accountsRef,
  configMaps as configMapsRef,
  pods as podsRef,
  secrets as secretsRef,
} from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { byNamespace } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { Reconciler } from '../../client/reconciler.ts';
import {
  accountNameAnnotation,
  accountTokenType,
  accountUidAnnotation,
  invalidSinceLabel,
  tokenTracking,
} from '../../resources/core/service-account-token.ts';
import { type ControllerDescriptor, synced } from '../controller.ts';
import { planCleanUp } from './plan.ts';

/** Takes away tokens in Secrets that Kubernetes once made for every account and that nobody has used for long. */
export const legacyServiceAccountTokenCleaner: ControllerDescriptor = {
  name: 'legacy-serviceaccount-token-cleaner-controller',
  account: 'legacy-service-account-token-cleaner',
  build({ name, client, informers, clock, log }) {
    const secrets = informers.where(secretsRef, `type=${accountTokenType}`);
    const accounts = informers.of(accountsRef);
    const pods = informers.of(podsRef);
    const trackings = informers.named(configMapsRef, tokenTracking);
    const writer = client.resource(secretsRef);
    const reconciler = new Reconciler({
      name,
      clock,
      log,
      ready: synced(secrets, accounts, pods, trackings),
      async reconcile({ key, signal }) {
        const secret = secrets.get(key);
        if (!secret) return;
        const { namespace, uid, resourceVersion } = secret.metadata;
        const since = trackings.get({ namespace: 'kube-system', name: tokenTracking })?.data?.['since'];
        const users = { account: accountOf(secret), pods: () => pods.by(byNamespace, namespace!) };
        const step = planCleanUp(secret, since, users, clock.wall());
        try {
          if (step.do === 'wait') return { after: step.ms };
          if (step.do === 'mark') {
            const metadata = { uid, labels: { [invalidSinceLabel]: step.day } };
            await writer.mergePatch(parseKey(key), { metadata }, { signal });
          } else if (step.do === 'remove')
            await writer.delete(parseKey(key), { preconditions: { resourceVersion: resourceVersion! }, signal });
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
      },
    });
    const accountOf = ({ metadata }: Secret): ServiceAccount | undefined => {
      const { [accountNameAnnotation]: account, [accountUidAnnotation]: uid } = metadata.annotations ?? {};
      const found = account ? accounts.get({ namespace: metadata.namespace!, name: account }) : undefined;
      return !uid || uid === found?.metadata?.uid ? found : undefined;
    };
    secrets.on({
      added: (secret) => reconciler.add(keyOf(secret)),
      updated: (_, secret) => reconciler.add(keyOf(secret)),
    });
    const lookAtAll = () => {
      for (const secret of secrets.values()) reconciler.add(keyOf(secret));
    };
    trackings.on({ added: lookAtAll, updated: lookAtAll });
    accounts.on({
      updated: (old, account) => {
        if (old.secrets?.length === account.secrets?.length) return;
        for (const { name: mention } of account.secrets ?? [])
          reconciler.add(`${account.metadata!.namespace}/${mention}`);
      },
    });
    return reconciler;
  },
};
