import type { TypeFacts } from '../facts.ts';
import { equal } from '../patch/json-patch.ts';
import {
  elementOf,
  elementPlace,
  type Form,
  fieldPlace,
  formOf,
  isEmpty,
  isParted,
  type Place,
  rootPlace,
  type Tree,
} from './place.ts';

/**
 * Puts an applied configuration on top of an object. Nothing is taken away; where both have a leaf, the configuration's
 * wins. Parts that do not change are the object's own (frozen) values, so a merge that changes nothing returns the object.
 * Source of the rules: structured-merge-diff `typed/merge.go`.
 */
export const mergeFields = <T extends object>(type: TypeFacts, live: T, config: object): T =>
  mergeMap(rootPlace(type), live as Tree, config as Tree) as T;

function merge(place: Place, old: unknown, now: unknown): unknown {
  if (now === undefined) return old;
  if (old === undefined || old === null || old === now) return now;
  const [before, after] = [formOf(old), formOf(now)];
  const form: Form = after === 'null' ? before : after;
  if (!isParted(place, form) || (isEmpty(old) && isEmpty(now))) return equal(old, now) ? old : now;
  // Null empties a leaf, but takes nothing from what is merged by its parts.
  if (after === 'null') return old;
  if (before !== after) return now;
  return form === 'map'
    ? mergeMap(place, old as Tree, now as Tree)
    : mergeList(place, old as unknown[], now as unknown[]);
}

function mergeMap(place: Place, old: Tree, now: Tree): Tree {
  let result: Tree | undefined;
  for (const key in now) {
    if (now[key] === undefined) continue;
    const was = Object.hasOwn(old, key) ? old[key] : undefined;
    const merged = merge(fieldPlace(place.type, key), was, now[key]);
    if (merged !== was) (result ??= { ...old })[key] = merged;
  }
  return result ?? old;
}

/** Where a list holds an item of its path element; `doubled` for several, which only updates can make. */
type Places = ReadonlyMap<string, number>;
const doubled = -1;

function placesOf(elements: readonly string[]): Places {
  const places = new Map<string, number>();
  for (const [i, element] of elements.entries()) places.set(element, places.has(element) ? doubled : i);
  return places;
}

/**
 * Both lists in one: shared items come in the configuration's order, items of the object alone stay between the same
 * shared items as before, new ones follow what they follow in the configuration.
 */
function mergeList(place: Place, old: readonly unknown[], now: readonly unknown[]): readonly unknown[] {
  const left = old.map((item) => elementOf(place, item));
  const right = now.map((item) => elementOf(place, item));
  const item = elementPlace(place.type);
  const [before, after] = [placesOf(left), placesOf(right)];
  const result =
    before.size === old.length && equal(left, right)
      ? old.map((value, i) => merge(item, value, now[i]))
      : inOrder(left, right, before, after, old, (element) => {
          const was = before.get(element);
          // Items that stand there twice are replaced rather than merged.
          return merge(item, was === undefined || was === doubled ? undefined : old[was], now[after.get(element)!]);
        });
  return equalItems(result, old) ? old : result;
}

const equalItems = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((value, i) => value === b[i]);

function inOrder(
  left: readonly string[],
  right: readonly string[],
  before: Places,
  after: Places,
  old: readonly unknown[],
  merged: (element: string) => unknown,
): unknown[] {
  const shared = right.filter((element) => before.has(element));
  const taken = new Set<string>();
  const result: unknown[] = [];
  let next = 0;
  const take = (element: string) => {
    taken.add(element);
    result.push(merged(element));
    if (shared[next] === element) next++;
  };
  for (let l = 0, r = 0; l < left.length || r < right.length; ) {
    const element = left[l];
    const wanted = right[r];
    if (element !== undefined && wanted !== undefined) {
      if (element === wanted) {
        take(element);
        l++;
        r++;
        continue;
      }
      if (after.has(element) && next < shared.length && shared[next] !== element) {
        // Shared, but the configuration wants another shared item first.
        l++;
        continue;
      }
    }
    if (element !== undefined) {
      if (!after.has(element)) {
        result.push(old[l++]);
        continue;
      }
      if (taken.has(element)) l++;
    }
    if (wanted !== undefined) {
      take(wanted);
      r++;
    }
  }
  return result;
}
