import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import type { Secret } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/call.ts';
import { type LegacyToken, readLegacyToken } from '../../pki/legacy-tokens.ts';
import { serviceAccountUser, TokenError, type TokenVerifier } from '../../pki/tokens.ts';
import { dayOf, invalidSinceLabel, lastUsedLabel } from '../../resources/core/service-account-token.ts';
import type { Store } from '../../store/store.ts';
import { authenticatedGroup } from '../request.ts';
import type { TokenAuthenticator, TokenUser } from './authenticator.ts';

/** Verified tokens that are remembered, so that a signature is checked once. */
const maxKept = 2048;

interface Known {
  readonly token: LegacyToken;
  readonly user: UserInfo;
  /** The last day on which its use was noted. */
  noted?: string;
}

export interface LegacyTokensOptions {
  readonly verifier: TokenVerifier;
  readonly store: Store;
  readonly clock: Clock;
  readonly audiences: readonly string[];
  /** Notes on a Secret, at most once a day, that its token is used. Must not throw. */
  readonly noteUse: (secret: KubeObject, day: string) => void;
}

/**
 * Tokens of service accounts that are in Secrets: good as long as the Secret holds this very token, its account is the
 * same, and nobody has marked it as not valid any more. Source: pkg/serviceaccount/legacy.go, Validate.
 */
export class LegacyAccountTokens implements TokenAuthenticator {
  readonly #options: LegacyTokensOptions;
  readonly #kept = new Map<string, Known>();

  constructor(options: LegacyTokensOptions) {
    this.#options = options;
  }

  authenticate(text: string): TokenUser | undefined | Promise<TokenUser | undefined> {
    const known = this.#kept.get(text);
    if (known) return this.#answer(text, known);
    if (!this.#options.verifier.isOurs(text)) return undefined;
    return this.#verify(text).then((found) => found && this.#answer(text, found));
  }

  async #verify(text: string): Promise<Known | undefined> {
    try {
      const token = readLegacyToken(await this.#options.verifier.claims(text));
      if (!token) return undefined;
      if (this.#kept.size >= maxKept) this.#kept.delete(this.#kept.keys().next().value!);
      const known = { token, user: userOf(token) };
      this.#kept.set(text, known);
      return known;
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  }

  #answer(text: string, known: Known): TokenUser | undefined {
    const { token, user } = known;
    const { clock, audiences, noteUse } = this.#options;
    const secret = this.#find('secrets', token.namespace, token.secret);
    const account = this.#find('serviceaccounts', token.namespace, token.account.name);
    const holds =
      secret && Buffer.from((secret as unknown as Secret).data?.['token'] ?? '', 'base64').toString() === text;
    if (!holds || account?.metadata.uid !== token.account.uid || labelOf(secret.metadata, invalidSinceLabel) !== '') {
      this.#kept.delete(text);
      return undefined;
    }
    const today = dayOf(clock.wall());
    if (known.noted !== today && labelOf(secret.metadata, lastUsedLabel) !== today) noteUse(secret, today);
    known.noted = today;
    return { user, audiences };
  }

  /** An object that is there and not being deleted. */
  #find(resource: string, namespace: string, name: string): KubeObject | undefined {
    const object = this.#options.store.get({ resource, namespace, name })?.object;
    return object?.metadata.deletionTimestamp ? undefined : object;
  }
}

const labelOf = ({ labels }: ObjectMeta, label: string): string => labels?.[label] ?? '';

const userOf = ({ namespace, account }: LegacyToken): UserInfo => ({
  name: serviceAccountUser(namespace, account.name),
  uid: account.uid,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticatedGroup],
});
