import { expect, test } from 'vitest';
import {
  type ForeignGroupVersion,
  foreignResources,
  undiscovered,
} from '../../../src/controllers/foreign-resources.ts';

const resource = (name: string, scope = 'Namespaced') => ({
  resource: name,
  responseKind: { group: '', version: '', kind: 'Tab' },
  scope,
  singularResource: '',
  verbs: ['delete', 'list'],
});
const version = (
  name: string,
  versionPriority: number,
  resources: ForeignGroupVersion['resources'],
  freshness: 'Current' | 'Stale' = 'Current',
): ForeignGroupVersion => ({ group: 'x.org', version: name, versionPriority, resources, freshness });

test('each resource is there once, in the version that is preferred', () => {
  const entry = { group: 'x.org', kind: 'Tab', namespaced: true, verbs: ['delete', 'list'] };
  const versions = [
    version('v1', 5, [resource('tabs'), resource('old', 'Cluster')]),
    version('v2', 10, [resource('tabs')]),
  ];
  expect(foreignResources(versions)).toEqual([
    { ...entry, version: 'v2', resource: 'tabs' },
    { ...entry, version: 'v1', resource: 'old', namespaced: false },
  ]);
});

test('what cannot be asked is told apart', () => {
  const versions = [version('v2', 10, [resource('tabs')], 'Stale'), version('v1', 5, [])];
  expect(foreignResources(versions)).toEqual([]);
  expect(undiscovered(versions)).toEqual(['x.org/v2']);
});
