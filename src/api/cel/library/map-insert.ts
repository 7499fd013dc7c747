import { type Declaration, fn } from '../check/declaration.ts';
import { mapOf, param } from '../check/type.ts';
import { toText } from '../values/convert.ts';
import { fail } from '../values/fault.ts';
import { ValueMap } from '../values/map.ts';
import type { CelMap, Value } from '../values/value.ts';

/** What `transformMap` gathers with. Source: cel-go `ext/comprehensions.go`. */

const [k, v] = [param('K'), param('V')];
const map = mapOf(k, v);

/** A macro's accumulator grows in place. */
function inserted(target: CelMap, pairs: Iterable<readonly [Value, Value]>): CelMap {
  const grown = target instanceof ValueMap && target.growing ? target : ValueMap.of(entriesOf(target));
  for (const [key, value] of pairs) {
    if (grown.find(key) !== undefined) return fail(`insert failed: key ${toText(key)} already exists`);
    grown.set(key, value);
  }
  return grown;
}

function* entriesOf(source: CelMap): Iterable<readonly [Value, Value]> {
  for (const key of source.keys()) yield [key, source.find(key)!];
}

export const mapInsert: readonly Declaration[] = [
  fn('cel.@mapInsert', '@mapInsert_map_key_value', [map, k, v], map, (target: CelMap, key: Value, value: Value) =>
    inserted(target, [[key, value]]),
  ),
  fn('cel.@mapInsert', '@mapInsert_map_map', [map, map], map, (target: CelMap, update: CelMap) =>
    inserted(target, entriesOf(update)),
  ),
];
