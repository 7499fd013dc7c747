import { expect, test } from 'vitest';
import {
  volumeAttributesClasses as attributesClasses,
  persistentVolumeClaims as claims,
  pods,
  persistentVolumes as volumes,
} from '../../../src/api/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../src/api/types/core-v1.gen.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';
import { makeClaim, makeClass, makeVolume, untilClaim, untilTold, untilVolume, user } from '../../kit/volumes.ts';

/** A plane whose pods find no node. */
const unscheduled = () => controlPlane({ pods: false });

test('a claim and a volume find each other, whichever comes first', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'first', { capacity: { storage: '2Gi' } });
  await untilVolume(plane, 'first', 'Available');
  await makeClaim(plane, 'a');
  const a = await untilClaim(plane, 'a', 'Bound');
  expect(a?.spec?.volumeName).toBe('first');
  expect(a?.metadata.annotations).toMatchObject({
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  });
  expect(a?.status).toMatchObject({ accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } });
  const first = await untilVolume(plane, 'first', 'Bound');
  expect(first?.spec?.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', name: 'a', uid: a?.metadata.uid });
  expect(first?.metadata.annotations).toMatchObject({ 'pv.kubernetes.io/bound-by-controller': 'yes' });

  await makeClaim(plane, 'b');
  expect(await untilTold(plane, 'b', 'FailedBinding')).toMatchObject({
    type: 'Normal',
    message: 'no persistent volumes available for this claim and no storage class is set',
    source: { component: 'persistentvolume-controller' },
  });
  await makeVolume(plane, 'second');
  expect((await untilClaim(plane, 'b', 'Bound'))?.spec?.volumeName).toBe('second');
});

test('as many claims as volumes are bound, each to its own', async () => {
  await using plane = await controlPlane();
  const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
  await Promise.all(names.slice(0, 10).map((name) => makeVolume(plane, name)));
  await Promise.all(names.map((name) => makeClaim(plane, name)));
  await Promise.all(names.slice(10).map((name) => makeVolume(plane, name)));
  const all = await plane.untilAll(claims, (list) => list.every((claim) => claim.status?.phase === 'Bound'));
  expect(new Set(all.map((claim) => claim.spec?.volumeName)).size).toBe(20);
  await plane.untilAll(volumes, (list) => list.every((volume) => volume.status?.phase === 'Bound'));
});

test('of a smaller and a larger volume the claim takes the smaller, and what its selector names', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'large', { capacity: { storage: '10Gi' } });
  await makeVolume(plane, 'small', { capacity: { storage: '3Gi' } });
  await makeVolume(plane, 'fast', { capacity: { storage: '20Gi' } }, { labels: { disk: 'ssd' } });
  await plane.untilAll(volumes, (all) => all.every((volume) => volume.status?.phase === 'Available'));
  await makeClaim(plane, 'any', { resources: { requests: { storage: '2Gi' } } });
  await makeClaim(plane, 'ssd', { selector: { matchLabels: { disk: 'ssd' } } });
  expect((await untilClaim(plane, 'any', 'Bound'))?.spec?.volumeName).toBe('small');
  expect((await untilClaim(plane, 'ssd', 'Bound'))?.spec?.volumeName).toBe('fast');
});

test('a volume that is meant for a claim waits for it; a claim that asks for a volume gets it, or hears why not', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'meant', { claimRef: { namespace: 'default', name: 'later' } });
  await untilVolume(plane, 'meant', 'Available');
  await makeClaim(plane, 'other');
  await untilTold(plane, 'other', 'FailedBinding');
  await makeClaim(plane, 'later');
  const later = await untilClaim(plane, 'later', 'Bound');
  expect(later?.spec?.volumeName).toBe('meant');
  const meant = await untilVolume(plane, 'meant', 'Bound');
  expect(meant?.spec?.claimRef?.uid).toBe(later?.metadata.uid);
  expect(meant?.metadata.annotations).toBeUndefined();

  await makeClaim(plane, 'asks', { volumeName: 'wanted' });
  await makeClaim(plane, 'greedy', { volumeName: 'wanted', resources: { requests: { storage: '5Gi' } } });
  await makeVolume(plane, 'wanted', { storageClassName: 'x' });
  expect(await untilTold(plane, 'asks', 'VolumeMismatch')).toMatchObject({
    type: 'Warning',
    message: 'Cannot bind to requested volume "wanted": storageClassName does not match',
  });
  expect((await untilTold(plane, 'greedy', 'VolumeMismatch')).message).toBe(
    'Cannot bind to requested volume "wanted": requested PV is too small',
  );
  await plane.client.resource(volumes).mergePatch({ name: 'wanted' }, { spec: { storageClassName: null } });
  const asks = await untilClaim(plane, 'asks', 'Bound');
  expect(asks?.metadata.annotations).not.toHaveProperty('pv.kubernetes.io/bound-by-controller');
  expect(await untilTold(plane, 'greedy', 'FailedBinding')).toMatchObject({
    message: 'volume "wanted" already bound to a different claim.',
  });
});

test('a claim that loses its volume is lost', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'v');
  await makeClaim(plane, 'c');
  await untilClaim(plane, 'c', 'Bound');
  await untilVolume(plane, 'v', 'Bound');
  await plane.client.resource(volumes).delete({ name: 'v' });
  const going = await plane.until(volumes, 'v', (volume) => volume?.metadata.deletionTimestamp !== undefined);
  expect(going?.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
  await plane.client.resource(volumes).mergePatch({ name: 'v' }, { metadata: { finalizers: null } });
  const lost = await untilClaim(plane, 'c', 'Lost');
  expect(lost?.status).toEqual({ phase: 'Lost' });
  expect(await untilTold(plane, 'c', 'ClaimLost')).toMatchObject({
    type: 'Warning',
    message: 'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
  });
});

test('a retained volume is released with its claim, and to be had again when its claimRef is taken away', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'v');
  await makeClaim(plane, 'c');
  await untilClaim(plane, 'c', 'Bound');
  await plane.client.resource(claims).delete({ namespace: 'default', name: 'c' });
  const released = await untilVolume(plane, 'v', 'Released');
  expect(released?.spec?.claimRef?.name).toBe('c');
  await makeClaim(plane, 'd');
  await untilTold(plane, 'd', 'FailedBinding');
  await plane.client.resource(volumes).mergePatch({ name: 'v' }, { spec: { claimRef: null } });
  expect((await untilClaim(plane, 'd', 'Bound'))?.spec?.volumeName).toBe('v');
});

test('a volume that nobody can delete fails, and says why', async () => {
  await using plane = await controlPlane();
  const Delete = { persistentVolumeReclaimPolicy: 'Delete' } as const;
  await makeVolume(plane, 'etc', Delete);
  await makeClaim(plane, 'c', { volumeName: 'etc' });
  const { hostPath: _, ...nfs } = { hostPath: undefined, nfs: { server: 's', path: '/x' } };
  await plane.client.resource(volumes).create({
    metadata: { name: 'share' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...Delete, ...nfs },
  });
  await makeClaim(plane, 'd', { volumeName: 'share' });
  for (const name of ['c', 'd']) {
    await untilClaim(plane, name, 'Bound');
    await plane.client.resource(claims).delete({ namespace: 'default', name });
  }
  const text = 'host_path deleter only supports /tmp/.+ but received provided /srv/etc';
  expect((await untilVolume(plane, 'etc', 'Failed'))?.status?.message).toBe(text);
  expect(await untilTold(plane, 'etc', 'VolumeFailedDelete')).toMatchObject({ type: 'Warning', message: text });
  expect((await untilVolume(plane, 'share', 'Failed'))?.status?.message).toBe(
    'error getting deleter volume plugin for volume "share": no deletable volume plugin matched',
  );
});

test('a recycled volume is emptied by a pod and to be had again', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'v', { persistentVolumeReclaimPolicy: 'Recycle', capacity: { storage: '4Gi' } });
  await makeClaim(plane, 'c');
  await untilClaim(plane, 'c', 'Bound');
  await plane.client.resource(claims).delete({ namespace: 'default', name: 'c' });
  const recycler = await plane.until(pods, 'default/recycler-for-v', (pod) => pod?.status?.phase === 'Running');
  expect(recycler?.spec).toMatchObject({
    activeDeadlineSeconds: 120,
    restartPolicy: 'Never',
    volumes: [{ name: 'vol', hostPath: { path: '/srv/v' } }, expect.anything()],
  });
  await end(plane, recycler!, 'Succeeded');
  const free = await untilVolume(plane, 'v', 'Available');
  expect(free?.spec?.claimRef).toBeUndefined();
  expect((await untilTold(plane, 'v', 'VolumeRecycled')).message).toBe('Volume recycled');
  await plane.until(pods, 'default/recycler-for-v', (pod) => pod === undefined);
});

test('a volume that could not be emptied fails', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'v', { persistentVolumeReclaimPolicy: 'Recycle' });
  await makeClaim(plane, 'c');
  await untilClaim(plane, 'c', 'Bound');
  await plane.client.resource(claims).delete({ namespace: 'default', name: 'c' });
  const recycler = await plane.until(pods, 'default/recycler-for-v', (pod) => pod?.status?.phase === 'Running');
  await end(plane, recycler!, 'Failed');
  expect((await untilVolume(plane, 'v', 'Failed'))?.status?.message).toBe(
    'Recycle failed: pod failed, pod.Status.Message unknown',
  );
  expect((await untilTold(plane, 'v', 'VolumeFailedRecycle')).type).toBe('Warning');
});

const end = (plane: ControlPlane, { metadata }: Pod, phase: 'Succeeded' | 'Failed') =>
  plane.client
    .resource(pods)
    .mergePatch(
      { namespace: metadata.namespace!, name: metadata.name! },
      { status: { phase } },
      { subresource: 'status' },
    );

test('a claim of a class that waits for its consumer says for whom', async () => {
  await using plane = await unscheduled();
  await makeClass(plane, 'late', { volumeBindingMode: 'WaitForFirstConsumer' });
  await makeVolume(plane, 'v', { storageClassName: 'late' });
  await untilVolume(plane, 'v', 'Available');
  await makeClaim(plane, 'c', { storageClassName: 'late' });
  expect(await untilTold(plane, 'c', 'WaitForFirstConsumer')).toMatchObject({
    type: 'Normal',
    message: 'waiting for first consumer to be created before binding',
  });
  await user(plane, 'p', 'c');
  expect(await untilTold(plane, 'c', 'WaitForPodScheduled')).toMatchObject({
    message: 'waiting for pod p to be scheduled',
    count: 1,
  });
  // What the scheduler does when it has found a volume that its node reaches.
  const c = plane.informers.of(claims).get('default/c');
  await plane.client
    .resource(volumes)
    .mergePatch(
      { name: 'v' },
      { spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'c', uid: c?.metadata.uid } } },
    );
  expect((await untilClaim(plane, 'c', 'Bound'))?.spec?.volumeName).toBe('v');
});

test('a claim of a class with a provisioner outside is addressed to it', async () => {
  await using plane = await unscheduled();
  await makeClass(plane, 'now');
  await makeClass(plane, 'late', { volumeBindingMode: 'WaitForFirstConsumer' });
  await makeClass(plane, 'old', { provisioner: 'kubernetes.io/no-provisioner' });
  await makeClaim(plane, 'a', { storageClassName: 'now' });
  await makeClaim(plane, 'b', { storageClassName: 'late' });
  await makeClaim(plane, 'c', { storageClassName: 'none' });
  await makeClaim(plane, 'd', { storageClassName: 'old' });
  const addressed = (claim: PersistentVolumeClaim | undefined) =>
    claim?.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] === 'example.com/nfs';
  const a = await plane.until(claims, 'default/a', addressed);
  expect(a?.metadata.annotations).toHaveProperty(['volume.beta.kubernetes.io/storage-provisioner'], 'example.com/nfs');
  expect(await untilTold(plane, 'a', 'ExternalProvisioning')).toMatchObject({
    type: 'Normal',
    message:
      "Waiting for a volume to be created either by the external provisioner 'example.com/nfs' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
  });
  await untilTold(plane, 'b', 'WaitForFirstConsumer');
  const chosen = { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'n1' } } };
  await plane.client.resource(claims).mergePatch({ namespace: 'default', name: 'b' }, chosen);
  await plane.until(claims, 'default/b', addressed);
  expect(await untilTold(plane, 'c', 'ProvisioningFailed')).toMatchObject({
    type: 'Warning',
    message: 'storageclass.storage.k8s.io "none" not found',
  });
  expect((await untilTold(plane, 'd', 'ProvisioningFailed')).message).toBe(
    'no volume plugin matched name: kubernetes.io/no-provisioner',
  );
  await makeClass(plane, 'none');
  await plane.until(claims, 'default/c', addressed);
});

test('a claim that names no class gets the default one, even one that comes later', async () => {
  await using plane = await controlPlane();
  await makeClaim(plane, 'early');
  await makeClaim(plane, 'none', { storageClassName: '' });
  await untilTold(plane, 'early', 'FailedBinding');
  await makeClass(plane, 'std', {
    metadata: { name: 'std', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  });
  await plane.until(claims, 'default/early', (claim) => claim?.spec?.storageClassName === 'std');
  expect((await makeClaim(plane, 'late')).spec?.storageClassName).toBe('std');
  expect((await makeClaim(plane, 'still-none', { storageClassName: '' })).spec?.storageClassName).toBe('');
  await untilTold(plane, 'none', 'FailedBinding');
});

test('a claim that is in use is deleted when its last pod is gone', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'v');
  await makeClaim(plane, 'c');
  await untilClaim(plane, 'c', 'Bound');
  for (const name of ['p', 'q']) {
    await user(plane, name, 'c');
    await plane.until(pods, `default/${name}`, (pod) => pod?.status?.phase === 'Running');
  }
  await plane.client.resource(claims).delete({ namespace: 'default', name: 'c' });
  const going = plane.informers.of(claims).get('default/c');
  expect(going?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  await plane.client.resource(pods).delete({ namespace: 'default', name: 'p' });
  await plane.until(pods, 'default/p', (pod) => pod === undefined);
  expect(plane.informers.of(claims).get('default/c')).toBeDefined();
  await plane.client.resource(pods).delete({ namespace: 'default', name: 'q' });
  await plane.until(claims, 'default/c', (claim) => claim === undefined);
  await untilVolume(plane, 'v', 'Released');
});

test('a volume that is deleted goes when its claim has gone; protection that was taken off comes back', async () => {
  await using plane = await controlPlane();
  await makeVolume(plane, 'v');
  await makeClaim(plane, 'c');
  await untilClaim(plane, 'c', 'Bound');
  await untilVolume(plane, 'v', 'Bound');
  await plane.client.resource(volumes).mergePatch({ name: 'v' }, { metadata: { finalizers: null } });
  const isProtected = ({ metadata }: PersistentVolume | PersistentVolumeClaim) =>
    (metadata.finalizers ?? []).length > 0;
  await plane.until(volumes, 'v', (volume) => volume !== undefined && isProtected(volume));
  await plane.client.resource(volumes).delete({ name: 'v' });
  expect(plane.informers.of(volumes).get('v')?.metadata.deletionTimestamp).toBeDefined();
  await plane.client.resource(claims).delete({ namespace: 'default', name: 'c' });
  await plane.until(volumes, 'v', (volume) => volume === undefined);
});

const withOwnVolume = (plane: ControlPlane, name: string) =>
  plane.client.resource(pods).create({
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [
        {
          name: 'scratch',
          ephemeral: {
            volumeClaimTemplate: {
              metadata: { labels: { of: name } },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          },
        },
      ],
    },
  });

test("a pod's own volume comes and goes with the pod, and comes again when somebody deletes it", async () => {
  await using plane = await controlPlane({ pods: false });
  const made = await withOwnVolume(plane, 'p');
  const claim = await plane.until(claims, 'default/p-scratch', (found) => found !== undefined);
  expect(claim?.metadata).toMatchObject({ labels: { of: 'p' }, ownerReferences: [{ uid: made.metadata.uid }] });
  await plane.client.resource(claims).delete({ namespace: 'default', name: 'p-scratch' });
  await plane.until(
    claims,
    'default/p-scratch',
    (found) => found !== undefined && found.metadata.uid !== claim?.metadata.uid,
  );
  await plane.client.resource(pods).delete({ namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 });
  await plane.until(claims, 'default/p-scratch', (found) => found === undefined);
});

test("a pod does not get another's claim for its own", async () => {
  await using plane = await controlPlane({ pods: false });
  await makeClaim(plane, 'p-scratch');
  await withOwnVolume(plane, 'p');
  expect(await untilTold(plane, 'p', 'FailedBinding')).toMatchObject({
    type: 'Warning',
    message: 'ephemeral volume scratch: PVC default/p-scratch was not created for pod default/p (pod is not owner)',
    source: { component: 'ephemeral_volume' },
  });
});

test('an attributes class that is deleted goes when nothing has it', async () => {
  await using plane = await controlPlane();
  const classOf = plane.client.resource(attributesClasses);
  for (const name of ['gold', 'idle']) {
    await classOf.create({ metadata: { name }, driverName: 'd', parameters: { iops: '1' } });
  }
  await classOf.delete({ name: 'idle' });
  await plane.until(attributesClasses, 'idle', (found) => found === undefined);
  await makeClaim(plane, 'c', { volumeAttributesClassName: 'gold' });
  await classOf.delete({ name: 'gold' });
  const going = plane.informers.of(attributesClasses).get('gold');
  expect(going?.metadata?.finalizers).toEqual(['kubernetes.io/vac-protection']);
  await plane.client.resource(claims).delete({ namespace: 'default', name: 'c' });
  await plane.until(attributesClasses, 'gold', (found) => found === undefined);
});
