import { badRequest, expired } from '../../api/status.ts';

/** Where a paged list goes on, and at which revision; -1 for "as of now" after the first snapshot has expired. */
export interface ContinueToken {
  readonly revision: number;
  readonly after: { readonly namespace: string; readonly name: string };
}

/** Source of the form: apiserver `storage/continue.go` (v, rv, start). */
export function encodeContinue(token: ContinueToken, namespaced: boolean): string {
  const { namespace, name } = token.after;
  // Upstream's start is the first key that may follow: the last one and a zero byte.
  const start = `${namespaced ? `${namespace}/` : ''}${name}\0`;
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start })).toString('base64url');
}

/** Reads a token made by `encodeContinue`. Throws the 400 Status for anything else. */
export function decodeContinue(text: string, namespaced: boolean): ContinueToken {
  let parsed: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw badRequest(`continue key is not valid: illegal base64 data or JSON`);
  }
  if (typeof parsed !== 'object' || parsed === null || parsed.v !== 'meta.k8s.io/v1')
    throw badRequest('continue key is not valid: server does not recognize this encoded version');
  const { rv, start } = parsed;
  if (!Number.isSafeInteger(rv) || rv === 0)
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '')
    throw badRequest('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  const key = start.endsWith('\0') ? start.slice(0, -1) : start;
  const slash = namespaced ? key.indexOf('/') : -1;
  if (namespaced && slash < 0) throw badRequest('continue key is not valid');
  return { revision: rv as number, after: { namespace: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) } };
}

/** The 410 of a token whose snapshot is gone: it carries one that goes on inconsistently. */
export const expiredContinue = (inconsistent: string) =>
  expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { metadata: { continue: inconsistent } },
  );

/** The 410 of a plain old resourceVersion. */
export const expiredRevision = (asked: number, floor: number) =>
  expired(`too old resource version: ${asked} (${floor})`);
