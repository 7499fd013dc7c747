import { expect, test } from 'vitest';
import { controllerRevisions, events, persistentVolumeClaims, pods, statefulSets } from '../../../src/api/kinds.gen.ts';
import type { StatefulSet, StatefulSetSpec } from '../../../src/api/types/apps-v1.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const db = (spec: Partial<StatefulSetSpec> = {}): StatefulSet => ({
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas: 3,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'db:1' }] } },
    ...spec,
  },
});
const key = { namespace: 'default', name: 'db' };
const settled = (n: number) => (s: StatefulSet | undefined) =>
  s?.status?.observedGeneration === s?.metadata.generation &&
  s?.status?.readyReplicas === n &&
  s?.status?.replicas === n &&
  s?.status?.updatedReplicas === n;
const setImage = (plane: ControlPlane, image: string) =>
  plane.client
    .resource(statefulSets)
    .patch(key, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } } });
const imageOf = (pod: Pod) => pod.spec?.containers[0]?.image;

test('pods come one after the other with their claims, and go from the highest', async () => {
  await using plane = await controlPlane();
  const order: string[] = [];
  plane.informers.of(pods).on({
    added: (pod) => {
      const others = plane.informers
        .of(pods)
        .list('default')
        .filter((p) => p.metadata.uid !== pod.metadata.uid);
      const ready = others.every((p) => p.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
      order.push(`+${pod.metadata.name}${ready ? '' : ' too early'}`);
    },
    deleted: (pod) => order.push(`-${pod.metadata.name}`),
  });
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } },
  };
  await plane.client.resource(statefulSets).create(db({ volumeClaimTemplates: [claim] }));
  const made = await plane.until(statefulSets, 'default/db', settled(3));
  expect(order).toEqual(['+db-0', '+db-1', '+db-2']);
  expect(made?.status?.currentRevision).toBe(made?.status?.updateRevision);
  const claims = plane.informers
    .of(persistentVolumeClaims)
    .list('default')
    .map((c) => c.metadata?.name);
  expect(claims.toSorted()).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
  await plane.client.resource(statefulSets).mergePatch(key, { spec: { replicas: 1 } });
  await plane.untilAll(pods, (all) => all.length === 1);
  expect(order.slice(3)).toEqual(['-db-2', '-db-1']);
  expect(plane.informers.of(persistentVolumeClaims).size).toBe(3);
  const told = await plane.untilAll(events, (all) => all.some((e) => e.reason === 'SuccessfulDelete'));
  expect(told.map((e) => e.message)).toContain('create Pod db-0 in StatefulSet db successful');
});

test('an update goes from the highest to the partition, and rolling back reuses the revision', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(statefulSets).create(db());
  const first = await plane.until(statefulSets, 'default/db', settled(3));
  await plane.client
    .resource(statefulSets)
    .mergePatch(key, { spec: { updateStrategy: { rollingUpdate: { partition: 2 } } } });
  await setImage(plane, 'db:2');
  await plane.until(
    statefulSets,
    'default/db',
    (s) => s?.status?.updatedReplicas === 1 && s.status.readyReplicas === 3,
  );
  const images = () =>
    plane.informers
      .of(pods)
      .list('default')
      .toSorted((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
      .map(imageOf);
  expect(images()).toEqual(['db:1', 'db:1', 'db:2']);
  await plane.client
    .resource(statefulSets)
    .mergePatch(key, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
  await plane.until(
    statefulSets,
    'default/db',
    (s) => settled(3)(s) && s?.status?.currentRevision !== first?.status?.currentRevision,
  );
  expect(images()).toEqual(['db:2', 'db:2', 'db:2']);
  await setImage(plane, 'db:1');
  const back = await plane.until(
    statefulSets,
    'default/db',
    (s) => settled(3)(s) && s?.status?.currentRevision === first?.status?.currentRevision,
  );
  expect(images()).toEqual(['db:1', 'db:1', 'db:1']);
  const revisions = plane.informers.of(controllerRevisions).list('default');
  expect(revisions.map((r) => r.revision).toSorted()).toEqual([2, 3]);
  expect(revisions.find((r) => r.revision === 3)?.metadata.name).toBe(back?.status?.updateRevision);
});

test('a parallel set starts at once, and a lost pod comes back under its name', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(statefulSets).create(db({ podManagementPolicy: 'Parallel', replicas: 5 }));
  await plane.until(statefulSets, 'default/db', settled(5));
  const lost = plane.informers.of(pods).get('default/db-3')!;
  await plane.client.resource(pods).delete({ namespace: 'default', name: 'db-3' });
  const again = await plane.until(pods, 'default/db-3', (p) => p !== undefined && p.metadata.uid !== lost.metadata.uid);
  expect(again?.spec?.hostname).toBe('db-3');
  expect(plane.logged.filter((r) => r.level === 'error')).toEqual([]);
});
