import { createHash, timingSafeEqual } from 'node:crypto';
import type { KubeObject } from '../../api/object.ts';
import type { Secret } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/call.ts';
import {
  bootstrapNamespace,
  bootstrapSecretPrefix,
  groupsOf,
  hasExpired,
  isFor,
  parseBootstrapToken,
  tokenOf,
} from '../../resources/core/bootstrap-token.ts';
import type { Store } from '../../store/store.ts';
import { authenticatedGroup } from '../request.ts';
import type { TokenAuthenticator } from './authenticator.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * The tokens by which nodes join, each a Secret in kube-system: who shows one is system:bootstrap:ID, as long as the Secret
 * is there and good for it. Source: plugin/pkg/auth/authenticator/token/bootstrap.
 */
export function bootstrapTokens(store: Store, clock: Clock, audiences: readonly string[]): TokenAuthenticator {
  /** The same user for the same version of a Secret. */
  const users = new WeakMap<KubeObject, UserInfo>();
  return {
    authenticate: (text) => {
      const shown = parseBootstrapToken(text);
      if (!shown) return undefined;
      const name = `${bootstrapSecretPrefix}${shown.id}`;
      const object = store.get({ resource: 'secrets', namespace: bootstrapNamespace, name })?.object;
      if (!object || object.metadata.deletionTimestamp) return undefined;
      const secret = object as unknown as Secret;
      const token = tokenOf(secret);
      if (!token || !timingSafeEqual(digest(token.secret), digest(shown.secret))) return undefined;
      if (hasExpired(secret, clock.wall()) || !isFor(secret, 'authentication')) return undefined;
      const groups = groupsOf(secret);
      if (!groups) return undefined;
      let user = users.get(object);
      if (!user)
        users.set(object, (user = { name: `system:bootstrap:${token.id}`, groups: [...groups, authenticatedGroup] }));
      return { user, audiences };
    },
  };
}
