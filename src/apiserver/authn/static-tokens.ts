import { createHash } from 'node:crypto';
import type { UserInfo } from '../../client/call.ts';
import type { TokenAuthenticator } from './authenticator.ts';

const digest = (token: string) => createHash('sha256').update(token).digest('hex');

/** Fixed tokens, such as the administrator's. Looked up by digest, so that the time taken tells nothing of a token. */
export function staticTokens(
  tokens: Readonly<Record<string, UserInfo>>,
  audiences: readonly string[],
): TokenAuthenticator {
  const users = new Map(Object.entries(tokens).map(([token, user]) => [digest(token), { user, audiences }]));
  return { authenticate: (token) => users.get(digest(token)) };
}
