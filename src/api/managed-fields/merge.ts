import type { TypeFacts } from '../facts.ts';
import { equal } from '../patch/json-patch.ts';
import {
  byElement,
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

/** The items of a list as a queue of path elements. */
interface Side {
  readonly list: readonly unknown[];
  readonly elements: readonly string[];
  readonly items: ReadonlyMap<string, readonly unknown[]>;
}

const sideOf = (place: Place, list: readonly unknown[]): Side => ({
  list,
  elements: list.map((item) => elementOf(place, item)),
  items: byElement(place, list),
});

/**
 * Both lists in one: shared items come in the configuration's order, items of the object alone stay between the same
 * shared items as before, new ones follow what they follow in the configuration.
 */
function mergeList(place: Place, old: readonly unknown[], now: readonly unknown[]): unknown {
  const [left, right] = [sideOf(place, old), sideOf(place, now)];
  const item = elementPlace(place.type);
  const shared = right.elements.filter((element) => left.items.has(element));
  const taken = new Set<string>();
  const result: unknown[] = [];
  let next = 0;
  const take = (element: string) => {
    taken.add(element);
    const [was, more] = left.items.get(element) ?? [];
    // Items that stand there twice are replaced rather than merged.
    result.push(merge(item, more === undefined ? was : undefined, right.items.get(element)![0]));
  };
  for (let l = 0, r = 0; l < old.length || r < now.length; ) {
    const element = left.elements[l];
    const wanted = right.elements[r];
    if (element !== undefined && wanted !== undefined) {
      if (element === wanted) {
        take(element);
        l++;
        r++;
        next++;
        continue;
      }
      if (right.items.has(element) && next < shared.length && shared[next] !== element) {
        // Shared, but the configuration wants another shared item first.
        l++;
        continue;
      }
    }
    if (element !== undefined) {
      if (!right.items.has(element)) {
        result.push(old[l++]);
        continue;
      }
      if (taken.has(element)) l++;
    }
    if (wanted !== undefined) {
      take(wanted);
      r++;
      if (shared[next] === wanted) next++;
    }
  }
  const same = result.length === old.length && result.every((value, i) => value === old[i]);
  return same ? old : result;
}
