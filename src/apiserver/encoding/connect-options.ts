import type { TypeFacts } from '../../api/facts.ts';
import { apiVersionOf, type KubeObject, type Mutable } from '../../api/object.ts';
import { isTrue } from '../filters/request-info.ts';
import { decodeTarget } from '../registry/decode-target.ts';
import type { Served } from '../registry/served.ts';
import type { RequestInfo } from '../request-info.ts';

/**
 * The options of a connection (PodExecOptions and the like), which come in its query; undefined where what is asked for is
 * the object itself. Source: apiserver `endpoints/handlers/get.go`, getRequestOptions.
 */
export function connectOptions(
  served: Served,
  info: RequestInfo,
  query: URLSearchParams,
): Mutable<KubeObject> | undefined {
  const target = decodeTarget(served, info.subresource);
  if (target.kind === served.kind) return undefined;
  const options: Record<string, unknown> = { kind: target.kind, apiVersion: apiVersionOf(target) };
  for (const [name, { type }] of target.type.fields) {
    const value = name === 'path' ? pathBelow(info) : fieldOf(type, query.getAll(name));
    if (value && name !== 'kind' && name !== 'apiVersion') options[name] = value;
  }
  return options as Mutable<KubeObject>;
}

/** What is asked for below the subresource, with the slash it ends in. */
const pathBelow = ({ rest, path }: RequestInfo): string =>
  path.endsWith('/') && !rest.endsWith('/') ? `${rest}/` : rest;

/** A field out of its parameters; undefined for what Go would leave out. */
function fieldOf({ shape, element }: TypeFacts, values: readonly string[]): unknown {
  const [first] = values;
  if (first === undefined) return undefined;
  if (shape === 'bool') return isTrue(first);
  if (shape !== 'list') return first;
  return element?.shape === 'string' ? values : values.filter((text) => /^\d{1,9}$/.test(text)).map(Number);
}
