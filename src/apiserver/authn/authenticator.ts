import type { UserInfo } from '../../client/call.ts';

/** Who a token speaks for, and to whom it may be shown. */
export interface TokenUser {
  /** The same value for the same token, so that what is worked out for an identity can be kept with it. */
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

/** Checks bearer tokens; undefined for one it does not accept. */
export interface TokenAuthenticator {
  authenticate(token: string, audiences?: readonly string[]): TokenUser | undefined | Promise<TokenUser | undefined>;
}

/** Asks several in turn; all but the last answer at once. */
export const firstOf = (authenticators: readonly TokenAuthenticator[]): TokenAuthenticator => ({
  authenticate: (token, audiences) => {
    for (const authenticator of authenticators) {
      const found = authenticator.authenticate(token, audiences);
      if (found) return found;
    }
    return undefined;
  },
});
