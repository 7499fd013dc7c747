import type { FieldFacts, Granularity, ListType, Shape, TypeFacts } from '../facts.ts';
import { isBigInteger } from '../json-number.ts';
import { keyElement, valueElement } from './path-element.ts';

/**
 * How a value at some place of an object is merged and compared: maps key by key, lists by the keys or values of their
 * items, atomic ones as a whole. Source: kube-openapi `schemaconv` and structured-merge-diff `schema`.
 */
export interface Place {
  readonly type: TypeFacts | undefined;
  readonly listType: ListType | undefined;
  readonly listKeys: readonly string[];
  readonly granularity: Granularity | undefined;
}

export type Tree = Record<string, unknown>;

/** What a value is to the merge. `null` is a value of any form. */
export type Form = 'map' | 'list' | 'scalar' | 'null';

const noKeys: readonly string[] = [];

/** Fields nobody has facts about: maps are merged, lists are atomic. */
export const deduced: Place = { type: undefined, listType: undefined, listKeys: noKeys, granularity: undefined };

/** The whole object. */
export const rootPlace = (type: TypeFacts): Place => ({ ...deduced, type });

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBigInteger(value);

export function formOf(value: unknown): Form {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'list';
  return isTree(value) ? 'map' : 'scalar';
}

const elements = new WeakMap<TypeFacts, Place>();

/** The items of a list or the values of a map. */
export function elementPlace(type: TypeFacts | undefined): Place {
  const element = type?.element;
  if (!element || type.shape === 'schemaOr') return deduced;
  let place = elements.get(type);
  if (!place) {
    const { listType, listKeys = noKeys, granularity } = element;
    elements.set(type, (place = { type: element, listType, listKeys, granularity }));
  }
  return place;
}

/** Whether any value may stand here: nothing is known about it, or its type holds any JSON. */
export function holdsAnything({ type }: Place): boolean {
  if (type === undefined || anything.has(type.shape)) return true;
  return type.shape === 'struct' && type.open && type.fields.size === 0;
}

const anything: ReadonlySet<Shape> = new Set(['any', 'object', 'schemaOr']);

/** Whether a struct names this field; everything else in a map is data. */
export const isNamed = (type: TypeFacts | undefined, key: string): boolean =>
  type?.shape === 'struct' && type.fields.has(key);

/** The value of a field or of a map's key. */
export function fieldPlace(type: TypeFacts | undefined, key: string): Place {
  if (type === undefined) return deduced;
  if (type.shape === 'map') return elementPlace(type);
  const field: FieldFacts | undefined = type.fields.get(key);
  return field ?? deduced;
}

/** Whether maps here are merged key by key: all but raw extensions, and what says that it is not. */
export const mergesMaps = (place: Place): boolean => place.granularity !== 'atomic' && place.type?.shape !== 'object';

/** Whether lists here are merged item by item. */
export const mergesLists = (place: Place): boolean => place.listType !== undefined && place.listType !== 'atomic';

/** Whether a value is merged by its parts rather than as one. */
export function isParted(place: Place, form: Form): boolean {
  return form === 'map' ? mergesMaps(place) : form === 'list' && mergesLists(place);
}

export const isEmpty = (value: unknown): boolean => {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (!isTree(value)) return false;
  for (const _ in value) return false;
  return true;
};

const sortedKeys = new WeakMap<readonly string[], readonly string[]>();

function keysInOrder(keys: readonly string[]): readonly string[] {
  let sorted = sortedKeys.get(keys);
  if (!sorted) sortedKeys.set(keys, (sorted = keys.toSorted()));
  return sorted;
}

/** The path element of a list item: its value, or its keys with their defaults, sorted. */
export function elementOf(place: Place, item: unknown): string {
  if (place.listType === 'set') return valueElement(item);
  const keys: Tree = {};
  if (isTree(item))
    for (const key of keysInOrder(place.listKeys)) {
      const value = Object.hasOwn(item, key) ? item[key] : place.type?.element?.fields.get(key)?.default;
      if (value !== undefined) keys[key] = value;
    }
  return keyElement(keys);
}

/** Items by path element; of duplicates, which only updates can make, the list of all. */
export function byElement(place: Place, list: unknown): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  for (const item of Array.isArray(list) ? list : []) {
    const element = elementOf(place, item);
    const same = items.get(element);
    if (same) same.push(item);
    else items.set(element, [item]);
  }
  return items;
}
