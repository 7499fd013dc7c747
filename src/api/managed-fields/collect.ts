import type { TypeFacts } from '../facts.ts';
import { type FieldSet, leaf, makeNode } from './field-set.ts';
import {
  byElement,
  elementPlace,
  fieldPlace,
  formOf,
  isNamed,
  isParted,
  isTree,
  type Place,
  rootPlace,
  type Tree,
} from './place.ts';

/**
 * The paths a configuration speaks of: every leaf, every item of a merged list, every key of a map that is data, and what
 * is empty or null. A list or struct that is merged is not a member itself. Source: structured-merge-diff
 * `typed/tofieldset.go`.
 */
export const fieldsOf = (type: TypeFacts, tree: object): FieldSet => mapFields(rootPlace(type), tree as Tree);

/** The node of a value; `member` says that the path is in the set whatever the value. */
function node(place: Place, value: unknown, member: boolean): FieldSet | undefined {
  const form = formOf(value);
  if (form === 'null') return leaf;
  if (!isParted(place, form)) return leaf;
  return form === 'map'
    ? makeNode(member, mapFields(place, value as Tree))
    : makeNode(member, listFields(place, value as unknown[]));
}

function mapFields(place: Place, tree: Tree): Record<string, FieldSet> {
  const children: Record<string, FieldSet> = {};
  for (const key in tree) {
    const value = tree[key];
    if (value === undefined) continue;
    const member = !isNamed(place.type, key) || (isTree(value) && Object.keys(value).length === 0);
    const child = node(fieldPlace(place.type, key), value, member);
    if (child) children[`f:${key}`] = child;
  }
  return children;
}

function listFields(place: Place, list: readonly unknown[]): Record<string, FieldSet> {
  const children: Record<string, FieldSet> = {};
  const item = elementPlace(place.type);
  for (const [element, items] of byElement(place, list))
    children[element] = items.length > 1 ? leaf : node(item, items[0], true)!;
  return children;
}
