import { parseJson } from '../../api/json.ts';
import { JsonError } from '../../api/json-parser.ts';
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

const invalidToken = (why: string) => badRequest(`invalid continue token: continue key is not valid${why}`);

/** Reads a token made by `encodeContinue`. Throws the 400 Status for anything else. */
export function decodeContinue(text: string, namespaced: boolean): ContinueToken {
  const { v, rv, start } = readToken(text);
  if (v !== 'meta.k8s.io/v1') throw invalidToken(`: server does not recognize this encoded version ${v ?? ''}`);
  if (!Number.isSafeInteger(rv) || rv === 0)
    throw invalidToken(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '')
    throw invalidToken(': encoded start key empty (version meta.k8s.io/v1)');
  const key = start.endsWith('\0') ? start.slice(0, -1) : start;
  const parts = key.split('/');
  if (parts.length !== (namespaced ? 2 : 1) || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw invalidToken(`: ${start}`);
  return { revision: rv as number, after: { namespace: namespaced ? parts[0]! : '', name: parts.at(-1)! } };
}

function readToken(text: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  const good = /^[A-Za-z0-9_-]*/.exec(text)![0].length;
  if (good < text.length || text.length % 4 === 1) throw invalidToken(`: illegal base64 data at input byte ${good}`);
  try {
    const { value } = parseJson(Buffer.from(text, 'base64url'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    throw new JsonError('json: cannot unmarshal the token into Go value of type storage.continueToken');
  } catch (error) {
    throw error instanceof JsonError ? invalidToken(`: ${error.message}`) : error;
  }
}

/** The 410 of a token whose snapshot is gone: it carries one that goes on inconsistently. */
export const expiredContinue = (inconsistent: string) =>
  expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { metadata: { continue: inconsistent } },
  );

/** The 410 of a list at a revision that is gone. Source: apiserver `storage/etcd3/errors.go`. */
export const expiredList = () => expired('The resourceVersion for the provided list is too old.');

/** The 410 of a watch from a revision that is gone; `oldest` is the first that is not. Source: `storage/cacher/watch_cache.go`. */
export const expiredWatch = (asked: number, oldest: number) =>
  expired(`too old resource version: ${asked} (${oldest})`);
