import type { TypeFacts } from '../facts.ts';
import { type FieldSet, isEmptySet, leaf } from './field-set.ts';
import { elementPlace, fieldPlace, isParted, type Place, rootPlace } from './place.ts';

/**
 * Brings a stored set up to date with a type that has changed since: where the parts of a map or list were owned and it
 * is atomic now, the whole is owned. Source: structured-merge-diff `typed/reconcile_schema.go`.
 */
export function reconcileFields(type: TypeFacts, set: FieldSet): FieldSet {
  if (fitting.get(type)?.has(set)) return set;
  return knownToFit(type, children(rootPlace(type), set));
}

/** Sets that fit their type, so that what is stored is looked through once. */
const fitting = new WeakMap<TypeFacts, WeakSet<FieldSet>>();

/** Remembers that a set fits: it was made from values or sets of this very type. */
export function knownToFit(type: TypeFacts, set: FieldSet): FieldSet {
  let known = fitting.get(type);
  if (!known) fitting.set(type, (known = new WeakSet()));
  known.add(set);
  return set;
}

function node(place: Place, set: FieldSet): FieldSet {
  const { type } = place;
  if (isEmptySet(set) || type === undefined) return set;
  const form = type.shape === 'list' ? 'list' : type.shape === 'map' || type.shape === 'struct' ? 'map' : undefined;
  if (form === undefined) return set;
  return isParted(place, form) ? children(place, set) : leaf;
}

function children(place: Place, set: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const element in set) {
    if (element === '.') continue;
    const below = element[0] === 'f' ? fieldPlace(place.type, element.slice(2)) : elementPlace(place.type);
    const fitted = node(below, set[element]!);
    if (fitted !== set[element]) (result ??= { ...set })[element] = fitted;
  }
  return result ?? set;
}
