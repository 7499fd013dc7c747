import { isBigInteger } from '../json-number.ts';
import { thaw } from '../object.ts';
import { BadPatch } from './patch-error.ts';

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBigInteger(value);

/** JSON Merge Patch (RFC 7396) on a private document, which is changed and returned. The patch is not. */
export function applyMergePatch(document: Tree, patch: unknown): Tree {
  if (!isTree(patch)) throw new BadPatch('Invalid JSON Patch');
  return merge(document, patch);
}

function merge(target: Tree, patch: Tree): Tree {
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') throw new BadPatch('the key "__proto__" is not supported');
    const old = Object.hasOwn(target, key) ? target[key] : undefined;
    if (value === null) delete target[key];
    else if (isTree(value)) target[key] = merge(isTree(old) ? old : {}, value);
    else target[key] = thaw(value);
  }
  return target;
}
