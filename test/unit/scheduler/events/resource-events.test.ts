import { expect, test } from 'vitest';
import { namespaces, persistentVolumeClaims, storageClasses } from '../../../../src/api/kinds.gen.ts';
import type { Informers } from '../../../../src/client/informers.ts';
import { type ClusterEvent, type EventHint, everyEvent } from '../../../../src/scheduler/events/events.ts';
import { awaitedResources, followResources } from '../../../../src/scheduler/events/resource-events.ts';
import { Shelves } from '../shelf.ts';

const hint = (resource: EventHint['resource']): EventHint => ({ resource, actions: ['Add'] });

const informers = new Shelves() as unknown as Informers;

test('what no plugin waits for is not followed', () => {
  const awaited = (...hints: (readonly EventHint[])[]) =>
    awaitedResources(informers, hints).map(([resource]) => resource);
  expect(awaited([hint('Pod'), hint('Node')])).toEqual([]);
  expect(awaited([hint('StorageClass')], [hint('Namespace'), hint('Node')])).toEqual(['Namespace', 'StorageClass']);
  expect(awaited(everyEvent)).toEqual([]);
});

test('nor is what is not served', () => {
  const none = { serves: () => false } as unknown as Informers;
  expect(awaitedResources(none, [[hint('DeviceTaintRule')]])).toEqual([]);
});

test('changes of what is followed are told with what was and what is', () => {
  const shelves = new Shelves();
  const told: ClusterEvent[] = [];
  const awaited = awaitedResources(informers, [[hint('Namespace'), hint('PersistentVolumeClaim')]]);
  const stop = followResources(shelves as unknown as Informers, awaited, (event) => void told.push(event));
  const [a, b] = [{ metadata: { name: 'a' } }, { metadata: { name: 'a', labels: { x: 'y' } } }];
  shelves.shelf(namespaces).set(a);
  shelves.shelf(namespaces).set(b);
  shelves.shelf(namespaces).remove('a');
  shelves.shelf(storageClasses).set({ metadata: { name: 's' }, provisioner: 'p' });
  expect(told).toEqual([
    { resource: 'Namespace', action: 'Add', now: a },
    { resource: 'Namespace', action: 'Update', old: a, now: b },
    { resource: 'Namespace', action: 'Delete', old: b },
  ]);
  stop();
  shelves.shelf(persistentVolumeClaims).set({ metadata: { name: 'c', namespace: 'n' } });
  expect(told).toHaveLength(3);
});
