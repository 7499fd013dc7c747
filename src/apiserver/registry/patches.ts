import type { KubeObject, Mutable } from '../../api/object.ts';
import { StatusError } from '../../api/status.ts';
import type { Patch } from '../../client/call.ts';
import type { Served } from './served.ts';

/** Applies a patch to a private copy in the served version; the copy may be changed and is returned or replaced. */
export function applyPatch(_served: Served, object: Mutable<KubeObject>, patch: Patch): Mutable<KubeObject> {
  if (patch.type === 'merge' || patch.type === 'strategic') return merge(object, patch.body) as Mutable<KubeObject>;
  throw new StatusError('UnsupportedMediaType', `patches of type ${patch.type} are not served yet`);
}

function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = (typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {}) as Record<
    string,
    unknown
  >;
  for (const key of Object.keys(patch)) {
    const value = (patch as Record<string, unknown>)[key];
    if (value === null) delete base[key];
    else base[key] = merge(base[key], value);
  }
  return base;
}
