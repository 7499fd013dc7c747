import { expect, test } from 'vitest';
import { type Applied, applyConfiguration } from '../../../../src/api/managed-fields/apply.ts';
import type { Convert, Versioned } from '../../../../src/api/managed-fields/versions.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { FieldManager, thing } from '../../../kit/field-manager.ts';
import { atomicList, scalar, setOf } from '../../../kit/type-facts.ts';

/** A kind whose field `old` of v1 is `fresh` in v2. */
const types: Record<string, ReturnType<typeof thing>> = {
  v1: thing({ old: scalar(), size: scalar('int32') }),
  v2: thing({ fresh: scalar(), size: scalar('int32') }),
};
const names: Record<string, string> = { v1: 'old', v2: 'fresh' };
const convert: Convert = ({ apiVersion, tree }, wanted) => {
  const type = types[wanted];
  if (!type) return undefined;
  const { [names[apiVersion]!]: value, ...rest } = tree as Record<string, unknown>;
  const renamed = value === undefined ? rest : { ...rest, [names[wanted]!]: value };
  return { apiVersion: wanted, type, tree: { ...renamed, apiVersion: wanted } };
};
const moved = (object: KubeObject, version: string): KubeObject => {
  const type = types[object.apiVersion]!;
  return (convert({ apiVersion: object.apiVersion, type, tree: object }, version) as Versioned).tree as KubeObject;
};
const at = (version: string, object?: KubeObject) => {
  const manager = new FieldManager(types[version]!, { convert, apiVersion: version, type: types[version]! });
  manager.object = object && moved(object, version);
  return manager;
};

test('a manager is asked in the version it wrote', () => {
  const first = at('v1').apply('a', { old: 'x', size: 1 });
  const second = at('v2', first.object);
  expect(() => second.apply('b', { fresh: 'y' })).toThrow('conflict with "a": .old');
  second.apply('b', { fresh: 'y' }, { force: true });
  expect(second.fields).toEqual({ fresh: 'y', size: 1 });
  expect(second.owned).toEqual({ a: ['.size'], b: ['.fresh'] });
});

test('an applier that changes its version takes away what it applied in the old one', () => {
  const first = at('v1').apply('a', { old: 'x', size: 1 });
  const second = at('v2', first.object).apply('a', { size: 1 });
  expect(second.fields).toEqual({ size: 1 });
  expect(second.entries.map((entry) => entry.apiVersion)).toEqual(['v2']);
});

test('others keep in their version what an applier lets go in another', () => {
  const one = at('v1').apply('a', { old: 'x', size: 1 }).apply('b', { old: 'x' });
  const two = at('v2', one.object).apply('a', { size: 1 });
  expect(two.fields).toEqual({ fresh: 'x', size: 1 });
});

test('an updater in another version loses what changed', () => {
  const one = at('v1').update('u', { old: 'x', size: 1 });
  const two = at('v2', one.object).update('w', { fresh: 'y', size: 1 });
  expect(two.owned).toEqual({ u: ['.size'], w: ['.fresh'] });
});

test('entries of versions that are not served any more go', () => {
  const state = at('v1').apply('a', { size: 1 });
  const [entry] = state.entries;
  const metadata = { ...state.object!.metadata, managedFields: [{ ...entry!, apiVersion: 'v0' }] };
  state.object = { ...state.object!, metadata };
  expect(state.apply('b', { size: 1 }).owned).toEqual({ b: ['.size'] });
});

test('a conversion may take time', async () => {
  const first = at('v1').apply('a', { old: 'x' });
  const origin = {
    type: types['v2']!,
    apiVersion: 'v2',
    kind: 'Thing',
    manager: 'b',
    subresource: '',
    now: 0,
    force: true,
  };
  const later: Convert = async (object, version) => await convert(object, version);
  const live = at('v2', first.object).object!;
  const config = { apiVersion: 'v2', kind: 'Thing', metadata: {}, fresh: 'y' };
  const result: Promise<Applied> | Applied = applyConfiguration(live, config, { ...origin, convert: later });
  expect(result).toBeInstanceOf(Promise);
  expect((await result).managedFields.map((entry) => [entry.manager, entry.fieldsV1])).toEqual([
    ['b', { 'f:fresh': {} }],
  ]);
  const failing: Convert = () => Promise.reject(new Error('the webhook is down'));
  await expect(applyConfiguration(live, config, { ...origin, convert: failing })).rejects.toThrow(
    'the webhook is down',
  );
});

test('a list that has become atomic is owned as one', () => {
  const before = new FieldManager(thing({ list: setOf(scalar()) })).apply('a', { list: ['x', 'y'] });
  const after = new FieldManager(thing({ list: atomicList(scalar()) }));
  after.object = before.object;
  expect(() => after.apply('b', { list: ['z'] })).toThrow('conflict with "a": .list');
  expect(after.apply('b', { list: ['x', 'y'] }).owned).toEqual({ a: ['.list'], b: ['.list'] });
});
