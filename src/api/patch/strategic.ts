import type { TypeFacts } from '../facts.ts';
import { goText, goType } from '../go-print.ts';
import { thaw } from '../object.ts';
import { BadPatch, UnfitPatch } from './patch-error.ts';
import {
  checkOrder,
  directive,
  identity,
  inOrder,
  isTree,
  keyOf,
  positions,
  setElementOrder,
  type Tree,
} from './strategic-order.ts';
import { listRuleOf, type Rule, ruleOf } from './strategic-rules.ts';

/**
 * Strategic merge patch: JSON merge patch that knows from the type facts which lists are merged and by which key, and
 * the directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/x` and `$setElementOrder/x`.
 * Behaviour: apimachinery `util/strategicpatch`.
 */

const retainKeys = '$retainKeys';
const deleteFromList = '$deleteFromPrimitiveList';

const kindOf = (value: unknown) =>
  Array.isArray(value) ? 'list' : isTree(value) ? 'map' : value === null ? 'null' : typeof value;

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new BadPatch(`expected a []interface {}, but received a ${goType(value)}`);
  return value;
}

/** What follows the slash of a directive key. */
function fieldOf(key: string, prefix: string, what: string): string {
  if (!key.startsWith(`${prefix}/`)) throw new BadPatch(`invalid patch format of ${what}`);
  return key.slice(prefix.length + 1);
}

/** Drops maps that are directives themselves, at any depth. `undefined` means: nothing is left. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((v) => v !== undefined);
  if (!isTree(value)) return value;
  if (Object.hasOwn(value, directive)) return undefined;
  for (const key of Object.keys(value)) {
    const kept = withoutDirectives(value[key]);
    if (kept === undefined) delete value[key];
    else value[key] = kept;
  }
  return value;
}

/** Nulls in what is newly added mean nothing. */
function withoutNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(withoutNulls);
  else if (isTree(value))
    for (const key of Object.keys(value)) {
      if (value[key] === null) delete value[key];
      else withoutNulls(value[key]);
    }
}

function take(original: Tree, key: string, value: unknown): void {
  withoutNulls(value);
  const kept = withoutDirectives(value);
  if (kept === undefined) delete original[key];
  else original[key] = kept;
}

function mergeMap(original: Tree, patch: Tree, type: TypeFacts | undefined): Tree {
  if (Object.hasOwn(patch, directive)) return obey(patch);
  applyRetainKeys(original, patch);
  for (const key of Object.keys(patch)) if (key.startsWith(setElementOrder)) mergeOrdered(original, patch, key, type);
  for (const key of Object.keys(patch)) mergeField(original, key, patch[key], type);
  return original;
}

function obey(patch: Tree): Tree {
  const { [directive]: what, ...rest } = patch;
  if (what === 'replace') return rest;
  if (what === 'delete') return {};
  throw new BadPatch(`unknown patch type: ${String(what)} in map: ${goText(patch)}`);
}

function applyRetainKeys(original: Tree, patch: Tree): void {
  if (!Object.hasOwn(patch, retainKeys)) return;
  const keep = patch[retainKeys];
  delete patch[retainKeys];
  if (!Array.isArray(keep)) throw new BadPatch('invalid patch format of retainKeys');
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deleteFromList) || key.startsWith(setElementOrder)) continue;
    if (!keep.includes(key)) throw new BadPatch('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(original)) if (!keep.includes(key)) delete original[key];
}

/** A list with its `$setElementOrder`: merged, then ordered, and taken out of the patch. */
function mergeOrdered(original: Tree, patch: Tree, orderKey: string, type: TypeFacts | undefined): void {
  const order = asList(patch[orderKey]);
  delete patch[orderKey];
  const key = fieldOf(orderKey, setElementOrder, 'setElementOrder list');
  const rule = listRuleOf(type, key);
  const before = original[key] === undefined || original[key] === null ? undefined : asList(original[key]);
  const changes = patch[key] === undefined ? undefined : asList(patch[key]);
  checkOrder(changes ?? [], order, rule.mergeKey);
  if (before === undefined && changes === undefined) return;
  const length = before?.length ?? 0;
  const merged =
    before === undefined
      ? asList(withoutDirectives(changes))
      : changes === undefined
        ? before
        : mergeList(before, changes, rule, false);
  // Upstream changes the list in place: elements added where others were deleted count as having stood there.
  original[key] = inOrder(merged, order, before?.slice(0, length) ?? [], rule.mergeKey);
  delete patch[key];
}

function mergeField(original: Tree, patchKey: string, value: unknown, type: TypeFacts | undefined): void {
  const deletes = patchKey.startsWith(deleteFromList);
  const key = deletes ? fieldOf(patchKey, deleteFromList, 'primitive list') : patchKey;
  if (key === '__proto__') throw new BadPatch('the key "__proto__" is not supported');
  if (value === null) {
    delete original[key];
    return;
  }
  const old = Object.hasOwn(original, key) ? original[key] : undefined;
  if (old === undefined || kindOf(old) !== kindOf(value)) {
    if (!deletes) take(original, key, value);
    return;
  }
  const rule = ruleOf(type, key);
  if (Array.isArray(old)) original[key] = mergeList(old, value as unknown[], rule, deletes);
  else if (isTree(old)) original[key] = rule.strategy === 'replace' ? value : mergeMap(old, value as Tree, rule.type);
  else original[key] = value;
}

function mergeList(original: unknown[], patch: unknown[], rule: Rule, deletes: boolean): unknown[] {
  if (rule.strategy !== 'merge' && !deletes) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const kind = elementKind([...original, ...patch]);
  if (kind !== 'map') return mergeScalars(original, patch, deletes);
  const { mergeKey } = rule;
  if (!mergeKey) throw new BadPatch(`cannot merge lists without merge key for ${rule.type?.name ?? 'unknown'}`);
  const { kept, changes, replaced } = applyListDirectives(original as Tree[], patch as Tree[], mergeKey);
  if (replaced) return kept;
  const { length } = kept;
  const at = positions(kept, mergeKey);
  for (const change of changes) {
    const id = keyOf(change, mergeKey);
    const index = at.get(id);
    if (index === undefined) {
      at.set(id, kept.length);
      kept.push(mergeMap({}, change, rule.type));
    } else kept[index] = mergeMap(kept[index]!, change, rule.type);
  }
  return inOrder(kept, changes, kept.slice(0, length), mergeKey);
}

function mergeScalars(original: unknown[], patch: unknown[], deletes: boolean): unknown[] {
  if (deletes) {
    const gone = new Set(patch);
    return original.filter((item) => !gone.has(item));
  }
  return inOrder([...new Set([...original, ...patch])], patch, original, '');
}

function elementKind(items: readonly unknown[]): string {
  const kind = kindOf(items[0]);
  if (kind === 'list') throw new UnfitPatch('lists of lists are not supported');
  if (items.some((item) => kindOf(item) !== kind))
    throw new BadPatch(`list element types are not identical: ${goText(items)}`);
  return kind;
}

/** `$patch: delete` and `$patch: replace` among the elements of a list. */
function applyListDirectives(
  original: Tree[],
  patch: readonly Tree[],
  mergeKey: string,
): { kept: Tree[]; changes: Tree[]; replaced: boolean } {
  let replaces = false;
  const changes: Tree[] = [];
  const gone = new Set<unknown>();
  for (const item of patch) {
    const what = Object.hasOwn(item, directive) ? item[directive] : undefined;
    if (what === undefined) changes.push(item);
    else if (what === 'delete') gone.add(keyOf(item, mergeKey));
    else if (what === 'replace') replaces = true;
    else if (what === 'merge') throw new BadPatch('merging lists cannot yet be specified in the patch');
    else throw new BadPatch(`unknown patch type: ${String(what)} in map: ${goText(item)}`);
  }
  if (replaces) return { kept: changes, changes: [], replaced: true };
  if (gone.size) original.splice(0, original.length, ...original.filter((item) => !gone.has(identity(item, mergeKey))));
  return { kept: original, changes, replaced: false };
}

/** Applies a strategic merge patch to a private document, which is changed. The patch is not. */
export function applyStrategicPatch(document: Tree, patch: unknown, type: TypeFacts): Tree {
  if (type.open) throw new BadPatch('strategic merge patch format is not supported');
  if (!isTree(patch)) throw new BadPatch('invalid JSON document');
  return mergeMap(document, thaw(patch) as Tree, type);
}
