import type { TypeFacts } from '../facts.ts';
import { equal } from '../patch/json-patch.ts';
import { type FieldSet, leaf, makeNode } from './field-set.ts';
import {
  byElement,
  elementPlace,
  type Form,
  fieldPlace,
  formOf,
  isEmpty,
  isParted,
  isTree,
  type Place,
  rootPlace,
  type Tree,
} from './place.ts';

/**
 * What a write changed, as field paths: list elements by their keys, atomic lists, maps and structs as one. Source of the
 * rules: structured-merge-diff `typed/compare.go`.
 */
export interface Comparison {
  /** Paths that are new or have another value. */
  readonly changed: FieldSet;
  /** Paths that are gone. */
  readonly removed: FieldSet;
}

interface Found {
  readonly changed: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

const nothing: Found = { changed: undefined, removed: undefined };
const added: Found = { changed: leaf, removed: undefined };
const gone: Found = { changed: undefined, removed: leaf };

function asLeaf(old: unknown, now: unknown): Found {
  if (old === undefined) return added;
  if (now === undefined) return gone;
  return equal(old, now) ? nothing : added;
}

function walk(place: Place, old: unknown, now: unknown): Found {
  if (old === now) return nothing;
  const [before, after] = [formOf(old), formOf(now)];
  if (before === after || before === 'null' || after === 'null')
    return walkForm(place, after === 'null' ? before : after, old, now);
  // Only where anything may stand can one form replace another: the parts of the old go, those of the new come.
  const left = isParted(place, before) ? walkForm(place, before, old, null) : nothing;
  const came = isParted(place, after) ? walkForm(place, after, null, now) : nothing;
  return { changed: withSelf(came.changed), removed: left.removed };
}

const withSelf = (set: FieldSet | undefined): FieldSet => makeNode(true, { ...set })!;

/** Both values of one form, where null or nothing may stand for either. */
function walkForm(place: Place, form: Form, old: unknown, now: unknown): Found {
  if (!isParted(place, form) || (isEmpty(old) && isEmpty(now))) return asLeaf(old, now);
  // Most lists do not change, and to name their items costs more than to compare them.
  if (form === 'list' && equal(old, now)) return nothing;
  const children = form === 'map' ? walkMap(place, old, now) : walkList(place, old, now);
  return {
    changed: makeNode(old === undefined, children.changed),
    removed: makeNode(now === undefined, children.removed),
  };
}

interface Children {
  readonly changed: Record<string, FieldSet>;
  readonly removed: Record<string, FieldSet>;
}

function visit(into: Children, element: string, found: Found): void {
  if (found.changed) into.changed[element] = found.changed;
  if (found.removed) into.removed[element] = found.removed;
}

function walkMap(place: Place, old: unknown, now: unknown): Children {
  const children: Children = { changed: {}, removed: {} };
  const before: Tree = isTree(old) ? old : {};
  const after: Tree = isTree(now) ? now : {};
  for (const key in after) {
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    if (was !== after[key]) visit(children, `f:${key}`, walk(fieldPlace(place.type, key), was, after[key]));
  }
  for (const key in before)
    if (!Object.hasOwn(after, key))
      visit(children, `f:${key}`, walk(fieldPlace(place.type, key), before[key], undefined));
  return children;
}

function walkList(place: Place, old: unknown, now: unknown): Children {
  const children: Children = { changed: {}, removed: {} };
  const [before, after] = [byElement(place, old), byElement(place, now)];
  const item = elementPlace(place.type);
  const none: unknown[] = [];
  for (const [element, items] of after) visit(children, element, walkItems(item, before.get(element) ?? none, items));
  for (const [element, items] of before)
    if (!after.has(element)) visit(children, element, walkItems(item, items, none));
  return children;
}

/** Items of one key: one against one as usual; several of a kind are one path, without paths below it. */
function walkItems(place: Place, old: readonly unknown[], now: readonly unknown[]): Found {
  if (old.length <= 1 && now.length <= 1) return walk(place, old[0], now[0]);
  if (old.length > 1 && now.length > 1) return equal(old, now) ? nothing : added;
  if (old.length > 1)
    return { changed: now.length ? walk(place, undefined, now[0]).changed : undefined, removed: leaf };
  return { changed: leaf, removed: old.length ? walk(place, old[0], undefined).removed : undefined };
}

/** Compares two states of an object of this type. */
export function compareFields(type: TypeFacts, old: object, now: object): Comparison {
  if (old === now) return { changed: {}, removed: {} };
  const { changed, removed } = walkMap(rootPlace(type), old, now);
  return { changed, removed };
}
