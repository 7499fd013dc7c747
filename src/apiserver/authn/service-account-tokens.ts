import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/call.ts';
import { type BoundNode, type TokenClaims, TokenError, type TokenVerifier } from '../../pki/tokens.ts';
import type { Store } from '../../store/store.ts';
import { authenticatedGroup, credentialIdKey } from '../request.ts';
import type { TokenAuthenticator, TokenUser } from './authenticator.ts';

/** Verified tokens that are remembered, so that a signature is checked once. */
const maxKept = 2048;
/** A pod's token outlives the pod's deletion time by this much, so that it can say good-bye. */
const deletionLeeway = 60_000;

/** A token whose signature was good. */
interface KnownToken {
  readonly claims: TokenClaims;
  readonly user: UserInfo;
}

/**
 * Service account tokens: the signature is checked once, what the token is bound to at every request, so that a token
 * dies with its pod, its account or its node.
 */
export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #verifier: TokenVerifier;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #audiences: readonly string[];
  readonly #kept = new Map<string, KnownToken>();

  constructor(verifier: TokenVerifier, store: Store, clock: Clock, audiences: readonly string[]) {
    this.#verifier = verifier;
    this.#store = store;
    this.#clock = clock;
    this.#audiences = audiences;
  }

  authenticate(
    token: string,
    audiences: readonly string[] = this.#audiences,
  ): TokenUser | undefined | Promise<TokenUser | undefined> {
    const known = this.#kept.get(token);
    if (known) return this.#answer(token, known, audiences);
    if (!this.#verifier.isOurs(token)) return undefined;
    return this.#verify(token, audiences).then((found) => found && this.#answer(token, found, audiences));
  }

  #answer(token: string, known: KnownToken, audiences: readonly string[]): TokenUser | undefined {
    if (!this.#stillGood(known.claims)) {
      this.#kept.delete(token);
      return undefined;
    }
    const shared = known.claims.aud.filter((audience) => audiences.includes(audience));
    return shared.length > 0 ? { user: known.user, audiences: shared } : undefined;
  }

  async #verify(token: string, audiences: readonly string[]): Promise<KnownToken | undefined> {
    let claims: TokenClaims;
    try {
      claims = await this.#verifier.verify(token, this.#clock.wall(), audiences);
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
    if (this.#kept.size >= maxKept) this.#kept.delete(this.#kept.keys().next().value!);
    const known = { claims, user: userOf(claims) };
    this.#kept.set(token, known);
    return known;
  }

  #stillGood(claims: TokenClaims): boolean {
    if (claims.exp * 1000 <= this.#clock.wall()) return false;
    const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
    return (
      this.#exists('serviceaccounts', namespace, serviceaccount) &&
      (!pod || this.#exists('pods', namespace, pod)) &&
      (!secret || this.#exists('secrets', namespace, secret)) &&
      (!node || pod !== undefined || this.#exists('nodes', '', node))
    );
  }

  #exists(resource: string, namespace: string, bound: BoundNode): boolean {
    const metadata = this.#store.get({ resource, namespace, name: bound.name })?.object.metadata;
    if (!metadata || !bound.uid || metadata.uid !== bound.uid) return false;
    return !metadata.deletionTimestamp || Date.parse(metadata.deletionTimestamp) + deletionLeeway > this.#clock.wall();
  }
}

/** Source of the groups and extras: apiserver `authentication/serviceaccount`. */
function userOf(claims: TokenClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
  const prefix = 'authentication.kubernetes.io';
  return {
    name: claims.sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
    extra: {
      [credentialIdKey]: [`JTI=${claims.jti}`],
      ...(pod && { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
      ...(node && { [`${prefix}/node-name`]: [node.name] }),
      ...(node?.uid && { [`${prefix}/node-uid`]: [node.uid] }),
    },
  };
}
