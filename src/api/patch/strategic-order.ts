import { goText, goType } from '../go-print.ts';
import { isBigInteger } from '../json-number.ts';
import { BadPatch } from './patch-error.ts';

/** How the elements of merged lists are told apart and ordered. */

export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBigInteger(value);

/** The directive that says what becomes of a map or list element, rather than what it is. */
export const directive = '$patch';
/** What begins the key of a directive that gives a list's order. */
export const setElementOrder = '$setElementOrder';

/** The values of a list by merge key, or by themselves. */
export const identity = (item: unknown, mergeKey: string): unknown =>
  mergeKey && isTree(item) ? item[mergeKey] : item;

/** The merge key of a list element. Throws `BadPatch`. */
export function keyOf(item: unknown, mergeKey: string): unknown {
  if (!isTree(item)) throw new BadPatch(`expected a map[string]interface {}, but received a ${goType(item)}`);
  if (!Object.hasOwn(item, mergeKey))
    throw new BadPatch(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
  return item[mergeKey];
}

/** Where each element stands; of doubles the first. */
export function positions(list: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const found = new Map<unknown, number>();
  list.forEach((item, i) => {
    const id = identity(item, mergeKey);
    if (!found.has(id)) found.set(id, i);
  });
  return found;
}

/** The items of the patch must come in the order the directive gives. */
export function checkOrder(changes: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0) return;
  let at = 0;
  for (const item of changes) {
    if (isTree(item) && Object.hasOwn(item, directive)) continue;
    const id = mergeKey ? keyOf(item, mergeKey) : item;
    while (at < order.length && (mergeKey ? keyOf(order[at], mergeKey) : order[at]) !== id) at++;
    if (at === order.length)
      throw new BadPatch(
        `The order in patch list:\n${goText(changes)}\n doesn't match ${setElementOrder} list:\n${goText(order)}\n`,
      );
    at++;
  }
}

/**
 * Sorts a merged list: elements of `order` in its order, the others as they stood in `previous`; an element of the
 * others goes before the first of the ordered ones that it preceded in `previous`.
 */
export function inOrder(
  merged: unknown[],
  order: readonly unknown[],
  previous: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const wanted = positions(order, mergeKey);
  const was = positions(previous, mergeKey);
  const rank = (places: Map<unknown, number>) => (item: unknown) => places.get(identity(item, mergeKey)) ?? 0;
  const sorted = (items: unknown[], by: (item: unknown) => number) => items.sort((a, b) => by(a) - by(b));
  const ordered = sorted(
    merged.filter((item) => wanted.has(identity(item, mergeKey))),
    rank(wanted),
  );
  const others = sorted(
    merged.filter((item) => !wanted.has(identity(item, mergeKey))),
    rank(was),
  );
  const result: unknown[] = [];
  let next = 0;
  for (const item of ordered) {
    const place = was.get(identity(item, mergeKey));
    while (place !== undefined && next < others.length && rank(was)(others[next]) < place) result.push(others[next++]);
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}
