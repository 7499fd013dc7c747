import type { UserInfo } from '../../client/call.ts';

/** Who a token speaks for, and until when (wall milliseconds) the answer may be kept. */
export interface TokenUser {
  readonly user: UserInfo;
  readonly until: number;
}

/** Verifies bearer tokens; undefined for one it does not accept. */
export interface TokenVerifier {
  verify(
    token: string,
    audiences?: readonly string[],
  ): Promise<(TokenUser & { readonly audiences: readonly string[] }) | undefined>;
}
