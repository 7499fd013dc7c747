import { isBigInteger } from '../json-number.ts';
import type { Structural } from './structural.ts';
import { isTree, type Tree } from './value-kind.ts';

/** Items of a list of type map, found by their keys. Source: apiserver `pkg/cel/common/maplist.go`. */
export type MapList = (item: unknown) => Tree | undefined;

const empty: MapList = () => undefined;

/** The keys of an item as one text; undefined when one is missing or no scalar. */
function keyOf(names: readonly string[], item: Tree): string | undefined {
  let text = '';
  for (const name of names) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value === undefined || value === null || (typeof value === 'object' && !isBigInteger(value))) return undefined;
    text += `${JSON.stringify(value)}\0`;
  }
  return text;
}

/** The first item with the keys of another; nothing for a list of any other type. */
export function mapListOf(schema: Structural, items: unknown): MapList {
  const { listMapKeys } = schema;
  if (schema.listType !== 'map' || listMapKeys.length === 0 || !Array.isArray(items) || items.length === 0)
    return empty;
  const byKey = new Map<string, Tree>();
  for (const item of items) {
    const key = isTree(item) ? keyOf(listMapKeys, item) : undefined;
    if (key !== undefined && !byKey.has(key)) byKey.set(key, item);
  }
  return (item) => {
    const key = isTree(item) ? keyOf(listMapKeys, item) : undefined;
    return key === undefined ? undefined : byKey.get(key);
  };
}
