import type { TypeFacts } from '../facts.ts';
import { type FieldSet, isEmptySet, isMember, makeNode } from './field-set.ts';
import {
  elementOf,
  elementPlace,
  fieldPlace,
  formOf,
  isNamed,
  isParted,
  type Place,
  rootPlace,
  type Tree,
} from './place.ts';

/**
 * An object without the fields, keys and items of a set. Atomic lists and maps are not taken apart; a map or list that
 * loses its last part becomes null. Source: structured-merge-diff `typed/remove.go`.
 */
export const withoutFields = <T extends object>(type: TypeFacts, tree: T, set: FieldSet): T =>
  (isEmptySet(set) ? tree : (without(rootPlace(type), tree, set) ?? {})) as T;

function without(place: Place, value: unknown, set: FieldSet): unknown {
  const form = formOf(value);
  if (form === 'scalar') return value;
  if (!isParted(place, form)) return null;
  return form === 'map' ? withoutKeys(place, value as Tree, set) : withoutItems(place, value as unknown[], set);
}

/** What stays of a part: undefined for nothing. */
function part(place: Place, value: unknown, node: FieldSet | undefined): unknown {
  if (node === undefined) return value;
  if (isMember(node)) return undefined;
  return without(place, value, node);
}

const nodeAt = (set: FieldSet, element: string) => (Object.hasOwn(set, element) ? set[element] : undefined);

function withoutKeys(place: Place, tree: Tree, set: FieldSet): Tree | null {
  const rest: Tree = {};
  let some = false;
  for (const key in tree) {
    const kept = part(fieldPlace(place.type, key), tree[key], nodeAt(set, `f:${key}`));
    if (kept === undefined) continue;
    rest[key] = kept;
    some = true;
  }
  return some ? rest : null;
}

function withoutItems(place: Place, list: readonly unknown[], set: FieldSet): unknown[] | null {
  const item = elementPlace(place.type);
  const rest: unknown[] = [];
  for (const value of list) {
    const kept = part(item, value, nodeAt(set, elementOf(place, value)));
    if (kept !== undefined) rest.push(kept);
  }
  return rest.length ? rest : null;
}

/**
 * A set with every struct field on the way to a path as a path of its own. Such fields are not members otherwise, so this
 * is what lets a removal take the field itself. Source: structured-merge-diff `EnsureNamedFieldsAreMembers`.
 */
export const withNamedFields = (type: TypeFacts, set: FieldSet): FieldSet => named(rootPlace(type), set);

/** Below an item of a set, and where no facts are, nothing is named. */
function named(place: Place | undefined, set: FieldSet): Record<string, FieldSet> {
  const children: Record<string, FieldSet> = {};
  for (const element in set) {
    if (element === '.') continue;
    const node = set[element]!;
    if (isEmptySet(node)) {
      children[element] = node;
      continue;
    }
    const key = element[0] === 'f' ? element.slice(2) : undefined;
    const below =
      key === undefined
        ? element[0] === 'k' && place?.type?.shape === 'list'
          ? elementPlace(place.type)
          : undefined
        : place && fieldPlace(place.type, key);
    const member = isMember(node) || (key !== undefined && isNamed(place?.type, key));
    children[element] = makeNode(member, named(below, node))!;
  }
  return children;
}
