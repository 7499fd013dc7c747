import type { FieldFacts, Granularity, ListType, TypeFacts } from '../facts.ts';
import { isBigInteger } from '../json-number.ts';
import { equal } from '../patch/json-patch.ts';
import { type FieldSet, leaf, makeNode } from './field-set.ts';

/**
 * What a write changed, as field paths: list elements by their keys, atomic lists, maps and structs as one. Source of the
 * rules: structured-merge-diff `typed`.
 */
export interface Comparison {
  /** Paths that are new or have another value. */
  readonly changed: FieldSet;
  /** Paths that are gone. */
  readonly removed: FieldSet;
}

type Tree = Record<string, unknown>;
interface Found {
  readonly changed: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

/** How a value is compared: the facts of its field and type. */
interface Place {
  readonly type: TypeFacts | undefined;
  readonly listType: ListType | undefined;
  readonly listKeys: readonly string[];
  readonly granularity: Granularity | undefined;
}

const nothing: Found = { changed: undefined, removed: undefined };
const noKeys: readonly string[] = [];
/** Fields nobody has facts about: maps are merged, lists are atomic. */
const deduced: Place = { type: undefined, listType: undefined, listKeys: noKeys, granularity: undefined };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBigInteger(value);

const placeOf = (field: FieldFacts): Place => field;

const elementPlace = (type: TypeFacts | undefined): Place =>
  type?.element ? { ...deduced, type: type.element, granularity: type.element.granularity } : deduced;

function fieldPlace(type: TypeFacts | undefined, key: string): Place {
  if (type === undefined) return deduced;
  if (type.shape === 'map') return elementPlace(type);
  const field = type.fields.get(key);
  return field ? placeOf(field) : deduced;
}

/** Whether a map is compared key by key. */
function isGranular(place: Place): boolean {
  const { type } = place;
  if (place.granularity === 'atomic') return false;
  return type === undefined || type.shape === 'struct' || type.shape === 'map';
}

function asLeaf(old: unknown, now: unknown): Found {
  if (old === undefined) return { changed: leaf, removed: undefined };
  if (now === undefined) return { changed: undefined, removed: leaf };
  return equal(old, now) ? nothing : { changed: leaf, removed: undefined };
}

const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) ? value.length === 0 : isTree(value) && Object.keys(value).length === 0);

function walk(place: Place, old: unknown, now: unknown): Found {
  if (old === now) return nothing;
  const maps = (isTree(now) || isTree(old)) && isGranular(place);
  const lists =
    (Array.isArray(now) || Array.isArray(old)) && place.listType !== undefined && place.listType !== 'atomic';
  if ((!maps && !lists) || (isEmpty(old) && isEmpty(now))) return asLeaf(old, now);
  const children = maps ? walkMap(place, old, now) : walkList(place, old, now);
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
  for (const key in after)
    visit(
      children,
      `f:${key}`,
      walk(fieldPlace(place.type, key), Object.hasOwn(before, key) ? before[key] : undefined, after[key]),
    );
  for (const key in before)
    if (!Object.hasOwn(after, key))
      visit(children, `f:${key}`, walk(fieldPlace(place.type, key), before[key], undefined));
  return children;
}

/** The path element of a list item: its value, or its keys with their defaults, sorted. */
function elementOf(place: Place, item: unknown): string {
  if (place.listType === 'set') return `v:${JSON.stringify(item)}`;
  const keys: Tree = {};
  if (isTree(item))
    for (const key of place.listKeys.toSorted()) {
      const value = Object.hasOwn(item, key) ? item[key] : place.type?.element?.fields.get(key)?.default;
      if (value !== undefined) keys[key] = value;
    }
  return `k:${JSON.stringify(keys)}`;
}

/** Items by path element; of duplicates, which only updates can make, the list of all. */
function byElement(place: Place, list: unknown): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  for (const item of Array.isArray(list) ? list : []) {
    const element = elementOf(place, item);
    const same = items.get(element);
    if (same) same.push(item);
    else items.set(element, [item]);
  }
  return items;
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

/** Items of one key: one against one as usual; where there are several, all of them as one. */
function walkItems(place: Place, old: readonly unknown[], now: readonly unknown[]): Found {
  if (old.length <= 1 && now.length <= 1) return walk(place, old[0], now[0]);
  return asLeaf(old.length ? old : undefined, now.length ? now : undefined);
}

/** Compares two states of an object of this type. */
export function compareFields(type: TypeFacts, old: object, now: object): Comparison {
  const { changed, removed } = walkMap({ ...deduced, type }, old, now);
  return { changed, removed };
}
