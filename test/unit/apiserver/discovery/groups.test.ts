import { expect, test } from 'vitest';
import { type ForeignVersion, groupsOf } from '../../../../src/apiserver/discovery/groups.ts';
import { ServedTable } from '../../../../src/apiserver/registry/served.ts';

const foreign = (group: string, version: string, groupPriority: number, versionPriority = 100): ForeignVersion => ({
  group,
  version,
  groupPriority,
  versionPriority,
  resources: [],
  freshness: 'Current',
});
const served = [...ServedTable.builtIn().all()];
const names = (...more: ForeignVersion[]) => groupsOf(served, more).map(({ name }) => name);
const versions = (group: string, ...more: ForeignVersion[]) => [
  ...groupsOf(served, more)
    .find(({ name }) => name === group)!
    .versions.keys(),
];

test('groups of other servers take their place by priority, and by name among equals', () => {
  const own = names();
  const found = names(foreign('b.org', 'v1', 100), foreign('a.org', 'v1', 17750), foreign('c.org', 'v1', 20000));
  expect(found[0]).toBe('c.org');
  expect(found.filter((name) => !name.endsWith('.org'))).toEqual(own);
  expect(found.slice(found.indexOf('a.org'), found.indexOf('a.org') + 2)).toEqual(['a.org', 'events.k8s.io']);
  expect(found.indexOf('b.org')).toBe(found.indexOf('metrics.k8s.io') - 1);
});

test('a group has the highest priority of its versions, which are ordered by theirs', () => {
  expect(names(foreign('batch', 'v2', 18000))[1]).toBe('batch');
  expect(versions('batch', foreign('batch', 'v2', 10, 1))).toEqual(['v1', 'v2', 'v1beta1', 'v2alpha1']);
  expect(versions('batch', foreign('batch', 'v2', 10, 16))).toEqual(['v2', 'v1', 'v1beta1', 'v2alpha1']);
  expect(versions('x.org', foreign('x.org', 'v1beta1', 10, 5), foreign('x.org', 'v1', 10, 5))).toEqual([
    'v1',
    'v1beta1',
  ]);
});

test("a version that another server serves is not this one's, whatever it has of the name", () => {
  const metrics = foreign('metrics.k8s.io', 'v1beta1', 100);
  const group = groupsOf(served, [metrics]).find(({ name }) => name === 'metrics.k8s.io')!;
  expect([...group.versions.values()]).toEqual([metrics]);
});
