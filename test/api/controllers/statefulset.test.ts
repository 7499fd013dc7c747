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

const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } },
};
const claimOf = (plane: ControlPlane, ordinal: number) =>
  plane.informers.of(persistentVolumeClaims).get({ namespace: 'default', name: `data-db-${ordinal}` });

test('a pod does not come back before the claims that go with its scale-down are gone', async () => {
  // Who collects the claim is here the test, when it is time.
  await using plane = await controlPlane({ disabled: ['garbage-collector-controller'] });
  const policy = { whenDeleted: 'Retain' as const, whenScaled: 'Delete' as const };
  const spec = { replicas: 2, volumeClaimTemplates: [claim], persistentVolumeClaimRetentionPolicy: policy };
  const scale = (replicas: number) => plane.client.resource(statefulSets).mergePatch(key, { spec: { replicas } });
  await plane.client.resource(statefulSets).create(db(spec));
  await plane.until(statefulSets, 'default/db', settled(2));
  const pod = plane.informers.of(pods).get('default/db-1')!;
  const before = claimOf(plane, 1)!.metadata!.uid;
  await scale(1);
  await plane.until(pods, 'default/db-1', (it) => it === undefined);
  expect(claimOf(plane, 1)?.metadata?.ownerReferences).toMatchObject([{ kind: 'Pod', uid: pod.metadata.uid }]);
  expect(claimOf(plane, 0)?.metadata?.ownerReferences).toBeUndefined();
  await scale(2);
  await plane.until(statefulSets, 'default/db', (set) => set?.status?.observedGeneration === set?.metadata.generation);
  expect(plane.informers.of(pods).get('default/db-1')).toBeUndefined();
  await plane.client.resource(persistentVolumeClaims).delete({ namespace: 'default', name: 'data-db-1' });
  await plane.until(statefulSets, 'default/db', settled(2));
  expect(claimOf(plane, 1)?.metadata?.uid).not.toBe(before);
  expect(claimOf(plane, 1)?.metadata?.ownerReferences).toBeUndefined();
});

test('claims that go with their set are its from the start, so that nobody writes to them when the pod is placed', async () => {
  await using plane = await controlPlane();
  const policy = { whenDeleted: 'Delete' as const, whenScaled: 'Delete' as const };
  const owned: unknown[] = [];
  plane.informers.of(persistentVolumeClaims).on({
    added: ({ metadata }) => owned.push(metadata?.ownerReferences),
    updated: (old, { metadata }) => {
      const owners = metadata?.ownerReferences;
      if (JSON.stringify(owners) !== JSON.stringify(old.metadata?.ownerReferences)) owned.push(owners);
    },
  });
  const spec = { replicas: 2, volumeClaimTemplates: [claim], persistentVolumeClaimRetentionPolicy: policy };
  const { metadata } = await plane.client.resource(statefulSets).create(db(spec));
  await plane.until(statefulSets, 'default/db', settled(2));
  const bySet = [expect.objectContaining({ kind: 'StatefulSet', uid: metadata.uid })];
  expect(owned).toEqual([bySet, bySet]);
});

test('a retention policy that changes counts for the claims that are there', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(statefulSets).create(db({ replicas: 1, volumeClaimTemplates: [claim] }));
  const set = await plane.until(statefulSets, 'default/db', settled(1));
  expect(claimOf(plane, 0)?.metadata?.ownerReferences).toBeUndefined();
  const policy = (whenDeleted: string) =>
    plane.client
      .resource(statefulSets)
      .mergePatch(key, { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted } } });
  await policy('Delete');
  const owned = await plane.until(
    persistentVolumeClaims,
    'default/data-db-0',
    (it) => it?.metadata?.ownerReferences !== undefined,
  );
  expect(owned?.metadata?.ownerReferences).toMatchObject([{ kind: 'StatefulSet', uid: set!.metadata.uid }]);
  await plane.client.resource(statefulSets).delete(key);
  await plane.until(persistentVolumeClaims, 'default/data-db-0', (it) => it === undefined);
});

test('a set that is deleted without its pods and made anew takes them over with their revisions', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(statefulSets).create(db());
  const first = await plane.until(statefulSets, 'default/db', settled(3));
  const uids = (all: readonly Pod[]) => all.map((pod) => pod.metadata.uid).toSorted();
  const before = uids(plane.informers.of(pods).list('default'));
  await plane.client.resource(statefulSets).delete(key, { propagationPolicy: 'Orphan' });
  await plane.until(statefulSets, 'default/db', (set) => set === undefined);
  await plane.client.resource(statefulSets).create(db());
  const second = await plane.until(statefulSets, 'default/db', settled(3));
  expect(uids(plane.informers.of(pods).list('default'))).toEqual(before);
  expect(second?.status).toMatchObject({ currentRevision: first!.status!.currentRevision, collisionCount: 0 });
  expect(plane.informers.of(controllerRevisions).list('default')).toHaveLength(1);
});

test('a pod that is adopted gets the labels by which a Service can select it', async () => {
  await using plane = await controlPlane();
  const { template } = db().spec!;
  await plane.client.resource(pods).create({
    metadata: { name: 'db-0', namespace: 'default', labels: { app: 'db' } },
    spec: { ...template.spec!, terminationGracePeriodSeconds: 0 },
  });
  await plane.client.resource(statefulSets).create(db({ replicas: 1, updateStrategy: { type: 'OnDelete' } }));
  const pod = await plane.until(
    pods,
    'default/db-0',
    (it) => it?.metadata.labels?.['apps.kubernetes.io/pod-index'] === '0',
  );
  expect(pod?.metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'db-0' });
  expect(pod?.metadata.ownerReferences).toMatchObject([{ kind: 'StatefulSet', name: 'db', controller: true }]);
});

test('a set that is deleted in the foreground goes last, and makes nothing on its way', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(statefulSets).create(db());
  await plane.until(statefulSets, 'default/db', settled(3));
  const made: string[] = [];
  const note = (object: { metadata?: { name?: string } }, initial: boolean) => {
    if (!initial) made.push(object.metadata?.name ?? '');
  };
  plane.informers.of(pods).on({ added: note });
  plane.informers.of(controllerRevisions).on({ added: note });
  await plane.client.resource(statefulSets).delete(key, { propagationPolicy: 'Foreground' });
  await plane.until(statefulSets, 'default/db', (set) => set === undefined);
  expect(plane.informers.of(controllerRevisions).list('default')).toEqual([]);
  expect(plane.informers.of(pods).list('default')).toEqual([]);
  expect(made).toEqual([]);
});
