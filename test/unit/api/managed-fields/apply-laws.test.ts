import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOf } from '../../../../src/api/managed-fields/collect.ts';
import {
  difference,
  type FieldSet,
  intersection,
  isEmptySet,
  pathsOf,
} from '../../../../src/api/managed-fields/field-set.ts';
import { FieldManager, thing } from '../../../kit/field-manager.ts';
import { any, atomic, atomicList, listMap, mapOf, scalar, setOf, struct } from '../../../kit/type-facts.ts';

/** Laws of apply, on configurations of every kind of field. */

const seed = 20_261_128;
const item = struct({ name: scalar(), id: scalar('int32', 1), value: scalar('int64'), tags: mapOf(scalar()) });
const type = thing({
  number: scalar('int64'),
  map: mapOf(scalar()),
  items: listMap(item, 'name', 'id'),
  set: setOf(scalar()),
  list: atomicList(scalar()),
  whole: atomic(struct({ a: scalar(), b: scalar() })),
  inner: struct({ a: scalar(), deep: struct({ x: scalar(), y: setOf(scalar()) }) }),
  free: any,
});

type Tree = Record<string, unknown>;
const few = fc.constantFrom('a', 'b', 'c');
const maybe = { requiredKeys: [] as never[], noNullPrototype: true };
const dictionary = (value: fc.Arbitrary<unknown>) =>
  fc.dictionary(few, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
/** An empty struct is a leaf of its own until somebody fills it, which no law below speaks of. */
const some = (structs: fc.Arbitrary<Tree>) => structs.filter((tree) => Object.keys(tree).length > 0);
const unique = fc.uniqueArray(few, { minLength: 1 });
const items = fc.uniqueArray(
  fc.record(
    { name: few, id: fc.constantFrom(1, 2), value: fc.nat(3), tags: dictionary(few) },
    { requiredKeys: ['name'], noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 4, selector: ({ name, id = 1 }) => `${name}/${id}` },
);
const configs: fc.Arbitrary<Tree> = fc.record(
  {
    number: fc.nat(3),
    map: dictionary(few),
    items,
    set: unique,
    list: fc.array(few, { minLength: 1, maxLength: 3 }),
    whole: fc.record({ a: few, b: few }),
    inner: some(fc.record({ a: few, deep: some(fc.record({ x: few, y: unique }, maybe)) }, maybe)),
    free: dictionary(fc.oneof(few, fc.nat(3), dictionary(few), fc.array(few))),
  },
  maybe,
);

const start = () => new FieldManager(type);
const force = { force: true };
const own = (state: FieldManager, manager: string): FieldSet =>
  (state.entries.find((entry) => entry.manager === manager)?.fieldsV1 ?? {}) as FieldSet;
const law = (body: (a: Tree, b: Tree, c: Tree) => void) =>
  fc.assert(fc.property(configs, configs, configs, body), { seed, numRuns: 100 });
const bodyOf = (config: Tree): FieldSet => fieldsOf(type, config);

test('what is applied is there, and owned by who applied it', () => {
  law((a, b) => {
    const state = start().update('u', a).apply('x', b, force);
    expect([...pathsOf(difference(bodyOf(b), own(state, 'x')))]).toEqual([]);
    expect([...pathsOf(difference(bodyOf(b), bodyOf(state.fields)))]).toEqual([]);
  });
});

test('applying twice is applying once', () => {
  law((a, b) => {
    const state = start().update('u', a).apply('x', b, force);
    const once = state.object;
    expect(state.apply('x', b, { now: 9000 }).object).toEqual(once);
  });
});

test('the last of several configurations of one applier is all that counts', () => {
  law((a, b, c) => {
    const state = start().apply('x', a).apply('x', b).apply('x', c);
    // Items keep places that earlier configurations gave them, so sets are compared rather than trees.
    const [paths, once] = [state, start().apply('x', c)].map(
      (s) => new Set([...pathsOf(bodyOf(s.fields))].map(String)),
    );
    expect(paths).toEqual(once);
    expect(state.owned).toEqual(start().apply('x', c).owned);
  });
});

test('an applier that applies nothing takes away just what nobody shares', () => {
  law((a, b) => {
    const state = start().apply('x', a).apply('y', b, force);
    const shared = own(state, 'y');
    state.apply('x', {});
    expect([...pathsOf(difference(shared, own(state, 'y')))]).toEqual([]);
    const alone = start().apply('y', b);
    const [left, right] = [state, alone].map((s) => new Set([...pathsOf(bodyOf(s.fields))].map(String)));
    expect(left).toEqual(right);
  });
});

test('two appliers of different fields come to the same in either order', () => {
  law((a, b) => {
    const other = Object.fromEntries(Object.entries(b).filter(([key]) => !Object.hasOwn(a, key)));
    const xy = start().apply('x', a).apply('y', other);
    const yx = start().apply('y', other).apply('x', a);
    expect(yx.fields).toEqual(xy.fields);
    expect(yx.owned).toEqual(xy.owned);
  });
});

test('without force nobody loses a field, with it only to the applier', () => {
  law((a, b) => {
    const state = start().apply('x', a);
    const before = own(state, 'x');
    let refused = false;
    try {
      state.apply('y', b);
    } catch {
      refused = true;
    }
    expect(isEmptySet(difference(before, own(state, 'x')))).toBe(true);
    state.apply('y', b, force);
    const lost = difference(before, own(state, 'x'));
    const there = intersection(lost, bodyOf(state.fields));
    expect([...pathsOf(difference(there, own(state, 'y')))]).toEqual([]);
    if (!refused) expect(isEmptySet(lost)).toBe(true);
  });
});

test('an update owns what it changed, and nobody else does', () => {
  law((a, b) => {
    const state = start().apply('x', a).update('u', b);
    const mine = new Set([...pathsOf(own(state, 'u'))].map(String));
    for (const path of pathsOf(own(state, 'x'))) expect(mine.has(String(path))).toBe(false);
    expect([...pathsOf(difference(own(state, 'x'), bodyOf(b)))]).toEqual([]);
  });
});
