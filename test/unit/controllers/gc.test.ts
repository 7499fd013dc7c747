import { describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '../../../src/api/object.ts';
import type { CatalogEntry } from '../../../src/controllers/catalog.ts';
import { foregroundFinalizer, OwnerGraph, orphanFinalizer } from '../../../src/controllers/gc/graph.ts';
import { blocking, judge, type OwnerState, ownerState, referencesWithout } from '../../../src/controllers/gc/plan.ts';

const maps: CatalogEntry = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  verbs: [],
};
const nodes: CatalogEntry = { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false, verbs: [] };

const owner = (name: string, extra: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid: name,
  ...extra,
});

function object(name: string, owners: OwnerReference[] = [], extra: Partial<KubeObject['metadata']> = {}): KubeObject {
  const metadata = {
    name,
    namespace: 'default',
    uid: name,
    ...(owners.length > 0 && { ownerReferences: owners }),
    ...extra,
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

const going = (...finalizers: string[]) => ({ deletionTimestamp: '2026-01-01T00:00:00Z', finalizers });

function graph() {
  const looks: string[] = [];
  const orphans: string[] = [];
  const g = new OwnerGraph({ look: (n) => looks.push(n.uid), orphan: (n) => orphans.push(n.uid) });
  const taken = () => looks.splice(0).toSorted();
  return { g, taken, orphans };
}

describe('OwnerGraph', () => {
  it('has dependents looked at when their owner goes', () => {
    const { g, taken } = graph();
    g.set(maps, object('top'));
    g.set(maps, object('a', [owner('top')]));
    g.set(maps, object('b', [owner('top')]));
    expect(taken()).toEqual([]);
    g.remove('top');
    expect(taken()).toEqual(['a', 'b']);
  });

  it('looks at an object whose owner is unknown, and not again when the owner turns up', () => {
    const { g, taken } = graph();
    g.set(maps, object('a', [owner('top')]));
    expect(taken()).toEqual(['a']);
    g.set(maps, object('top'));
    expect(taken()).toEqual([]);
  });

  it('looks at an object that describes its owner wrongly', () => {
    const { g, taken } = graph();
    g.set(maps, object('top'));
    g.set(maps, object('kind', [owner('top', { kind: 'Secret' })]));
    g.set(maps, object('place', [owner('top')], { namespace: 'other' }));
    g.set(maps, object('right', [owner('top')]));
    expect(taken()).toEqual(['kind', 'place']);
  });

  it('lets a namespaced object have a cluster-wide owner', () => {
    const { g, taken } = graph();
    g.set(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'n' } });
    g.set(maps, object('a', [owner('n', { kind: 'Node' })]));
    expect(taken()).toEqual([]);
  });

  it('in the foreground looks at dependents, and at the owner as they go or stop blocking', () => {
    const { g, taken } = graph();
    g.set(maps, object('top'));
    g.set(maps, object('a', [owner('top', { blockOwnerDeletion: true })]));
    g.set(maps, object('b', [owner('top', { blockOwnerDeletion: true })]));
    g.set(maps, object('top', [], going(foregroundFinalizer)));
    expect(taken()).toEqual(['a', 'b', 'top']);
    g.set(maps, object('top', [], going(foregroundFinalizer)));
    expect(taken()).toEqual([]);
    expect(blocking(g.get('top')!).map((n) => n.uid)).toEqual(['a', 'b']);
    g.set(maps, object('a', [owner('top', { blockOwnerDeletion: false })]));
    expect(taken()).toEqual(['top']);
    g.remove('b');
    expect(taken()).toEqual(['top']);
    expect(blocking(g.get('top')!)).toEqual([]);
  });

  it('asks once for the release of orphans', () => {
    const { g, orphans } = graph();
    g.set(maps, object('top', [], going(orphanFinalizer)));
    g.set(maps, object('top', [], going(orphanFinalizer)));
    expect(orphans).toEqual(['top']);
  });

  it('forgets everything that is gone', () => {
    const { g } = graph();
    g.set(maps, object('a', [owner('top')]));
    g.set(maps, object('top'));
    g.remove('top');
    expect(g.size).toBe(2);
    expect(g.uidsOf(maps)).toEqual(['a']);
    g.remove('a');
    expect(g.size).toBe(0);
  });
});

describe('judge', () => {
  const { g } = graph();
  g.set(maps, object('leaf'));
  g.set(maps, object('parent'));
  g.set(maps, object('child', [owner('parent')]));
  g.set(maps, object('ring'));
  g.set(maps, object('ring-child', [owner('ring')], going(foregroundFinalizer)));
  const states = (s: Record<string, OwnerState>) => new Map(Object.entries(s));
  const table: [string, string, KubeObject, Record<string, OwnerState>, object][] = [
    ['no owners: keep', 'leaf', object('leaf'), {}, { do: 'keep' }],
    ['a living owner: keep', 'leaf', object('leaf', [owner('x')]), { x: 'there' }, { do: 'keep' }],
    [
      'one lives, others do not: release',
      'leaf',
      object('leaf', [owner('x'), owner('y'), owner('z')]),
      { x: 'there', y: 'absent', z: 'waiting' },
      { do: 'release', uids: ['y', 'z'] },
    ],
    [
      'none lives: delete',
      'leaf',
      object('leaf', [owner('x')]),
      { x: 'absent' },
      { do: 'delete', propagation: 'Background', unblock: false },
    ],
    [
      'none lives, orphaning was asked',
      'leaf',
      object('leaf', [owner('x')], { finalizers: ['orphan'] }),
      { x: 'absent' },
      { do: 'delete', propagation: 'Orphan', unblock: false },
    ],
    [
      'owner waits, no dependents',
      'leaf',
      object('leaf', [owner('x')]),
      { x: 'waiting' },
      { do: 'delete', propagation: 'Background', unblock: false },
    ],
    [
      'owner waits, dependents of its own',
      'parent',
      object('parent', [owner('x')]),
      { x: 'waiting' },
      { do: 'delete', propagation: 'Foreground', unblock: false },
    ],
    [
      'a ring',
      'ring',
      object('ring', [owner('x')]),
      { x: 'waiting' },
      { do: 'delete', propagation: 'Foreground', unblock: true },
    ],
  ];
  it.each(table)('%s', (_, uid, o, s, expected) => {
    expect(judge(o, g.get(uid)!, states(s))).toEqual(expected);
  });

  it('an owner with another uid is absent, one with the foreground finalizer waits', () => {
    expect(ownerState(object('x'), 'y')).toBe('absent');
    expect(ownerState(object('x', [], going(foregroundFinalizer)), 'x')).toBe('waiting');
    expect(ownerState(object('x', [], going('other')), 'x')).toBe('there');
    expect(referencesWithout(object('c', [owner('a'), owner('b')]), ['a'])).toEqual([owner('b')]);
  });
});
