import type { UserInfo } from '../../client/call.ts';

/** What a name of a header may have in it. Source: net/http/lex.go; "%" is the escape itself. */
const illegal = /[^!#$&'*+\-.0-9A-Z^_`a-z|~]/g;

const escaped = (key: string): string =>
  key.replace(illegal, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );

/** What a header can carry: one byte a character, as Go writes and reads them. */
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/**
 * How a server behind an APIService is told who asks. It believes what comes over a connection with the front proxy's
 * certificate. Source: client-go `transport.SetAuthProxyHeaders`.
 */
export function userHeaders({ name, uid, groups, extra = {} }: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'x-remote-user': bytes(name) };
  if (uid) headers['x-remote-uid'] = bytes(uid);
  if (groups.length > 0) headers['x-remote-group'] = groups.map(bytes);
  for (const [key, values] of Object.entries(extra)) headers[`x-remote-extra-${escaped(key)}`] = values.map(bytes);
  return headers;
}
