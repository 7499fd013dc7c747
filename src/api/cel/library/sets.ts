import { type Declaration, fn } from '../check/declaration.ts';
import { listOf, param, types } from '../check/type.ts';
import type { CelList } from '../values/value.ts';
import { contains } from './standard.ts';

/** Lists as sets. Source: cel-go `ext/sets.go`. */

const list = listOf(param('T'));

function containsAll(values: CelList, sought: CelList): boolean {
  for (const value of sought) if (!contains(values, value)) return false;
  return true;
}

function intersects(a: CelList, b: CelList): boolean {
  for (const value of a) if (contains(b, value)) return true;
  return false;
}

export const sets: readonly Declaration[] = [
  fn('sets.contains', 'list_sets_contains_list', [list, list], types.bool, containsAll),
  fn(
    'sets.equivalent',
    'list_sets_equivalent_list',
    [list, list],
    types.bool,
    (a: CelList, b: CelList) => containsAll(a, b) && containsAll(b, a),
  ),
  fn('sets.intersects', 'list_sets_intersects_list', [list, list], types.bool, intersects),
];
