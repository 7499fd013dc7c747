import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/call.ts';
import { legacyIssuer } from '../../pki/legacy-tokens.ts';
import { TokenVerifier } from '../../pki/tokens.ts';
import type { Store } from '../../store/store.ts';
import type { TokenSigner } from '../registry/token.ts';
import { firstOf, type TokenAuthenticator } from './authenticator.ts';
import { bootstrapTokens } from './bootstrap-tokens.ts';
import { LegacyAccountTokens, type LegacyTokensOptions } from './legacy-account-tokens.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';
import { staticTokens } from './static-tokens.ts';

export interface ServiceAccountOptions {
  /** Signs; its public half checks. */
  readonly key: KeyObject;
  /** Further keys whose tokens are still accepted. */
  readonly formerKeys?: readonly KeyObject[];
  readonly issuer: string;
  /** What the server takes a token to be meant for; the issuer unless given. */
  readonly audiences?: readonly string[];
}

export interface AuthenticatorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly serviceAccounts?: ServiceAccountOptions;
  /** Users of fixed bearer tokens. */
  readonly tokens?: Readonly<Record<string, UserInfo>>;
}

/** How tokens are signed. */
export const signerOf = ({ key, issuer, audiences }: ServiceAccountOptions): TokenSigner => ({
  key,
  issuer,
  audiences: audiences ?? [issuer],
});

/** Everything that makes a user of a bearer token. `noteUse` hears of the use of an old one. */
export function authenticators(
  { serviceAccounts, tokens, store, clock }: AuthenticatorOptions,
  noteUse: LegacyTokensOptions['noteUse'],
): TokenAuthenticator {
  const audiences = serviceAccounts ? signerOf(serviceAccounts).audiences : [];
  return firstOf([
    ...(tokens ? [staticTokens(tokens, audiences)] : []),
    bootstrapTokens(store, clock, audiences),
    ...(serviceAccounts
      ? [legacyTokens(serviceAccounts, store, clock, noteUse), accountTokens(serviceAccounts, store, clock)]
      : []),
  ]);
}

function legacyTokens(
  options: ServiceAccountOptions,
  store: Store,
  clock: Clock,
  noteUse: LegacyTokensOptions['noteUse'],
): TokenAuthenticator {
  const verifier = new TokenVerifier([options.key, ...(options.formerKeys ?? [])], [legacyIssuer]);
  return new LegacyAccountTokens({ verifier, store, clock, audiences: signerOf(options).audiences, noteUse });
}

function accountTokens(options: ServiceAccountOptions, store: Store, clock: Clock): TokenAuthenticator {
  const verifier = new TokenVerifier([options.key, ...(options.formerKeys ?? [])], [options.issuer]);
  return new ServiceAccountTokens(verifier, store, clock, signerOf(options).audiences);
}
