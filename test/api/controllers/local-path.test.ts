import { expect, test } from 'vitest';
import { persistentVolumeClaims as claims, nodes, persistentVolumes as volumes } from '../../../src/api/kinds.gen.ts';
import type { HostFolders } from '../../../src/node/runtime.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';
import { makeClaim, makeClass, untilClaim, untilTold, user } from '../../kit/volumes.ts';

/** Folders in memory, which can refuse. */
class Folders implements HostFolders {
  readonly there = new Set<string>();
  refuses = '';

  volumes(node = 'all'): string {
    return `/disk/${node}`;
  }

  isVolume(path: string): boolean {
    return path.startsWith('/disk/');
  }

  async make(path: string): Promise<void> {
    if (this.refuses) throw new Error(this.refuses);
    this.there.add(path);
  }

  async remove(path: string): Promise<void> {
    if (this.refuses) throw new Error(this.refuses);
    this.there.delete(path);
  }
}

const provisioner = 'krill.dev/local-path';
const late = { provisioner, volumeBindingMode: 'WaitForFirstConsumer' } as const;

const addNode = async (plane: ControlPlane, name: string, spec: object = {}) => {
  const labels = { 'kubernetes.io/hostname': name };
  await plane.client.resource(nodes).create({ metadata: { name, labels }, spec });
  const conditions = [{ type: 'Ready', status: 'True' }];
  await plane.client.resource(nodes).mergePatch({ name }, { status: { conditions } }, { subresource: 'status' });
};

/** What the scheduler does when it has found a node for the claim's first pod. */
const choose = (plane: ControlPlane, claim: string, node: string) =>
  plane.client
    .resource(claims)
    .mergePatch(
      { namespace: 'default', name: claim },
      { metadata: { annotations: { 'volume.kubernetes.io/selected-node': node } } },
    );

const volumeOf = (plane: ControlPlane, claim: { metadata: { uid?: string } }) =>
  plane.informers.of(volumes).get(`pvc-${claim.metadata.uid}`);

const remove = (plane: ControlPlane, name: string) =>
  plane.client.resource(claims).delete({ namespace: 'default', name });

test('a claim gets a folder on the node of its first pod, and the folder goes with the claim', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders, disabled: ['node-lifecycle-controller'] });
  await addNode(plane, 'n1');
  await makeClass(plane, 'std', late);
  const made = await makeClaim(plane, 'c', { storageClassName: 'std' });
  await untilTold(plane, 'c', 'WaitForFirstConsumer');
  expect(folders.there.size).toBe(0);
  await choose(plane, 'c', 'n1');
  const claim = await untilClaim(plane, 'c', 'Bound');
  const name = `pvc-${made.metadata.uid}`;
  const path = `/disk/n1/${name}_default_c`;
  expect([...folders.there]).toEqual([path]);
  expect(claim?.spec?.volumeName).toBe(name);
  expect(volumeOf(plane, made)).toMatchObject({
    metadata: {
      annotations: { 'pv.kubernetes.io/provisioned-by': provisioner },
      finalizers: ['external-provisioner.volume.kubernetes.io/finalizer', 'kubernetes.io/pv-protection'],
    },
    spec: {
      capacity: { storage: '1Gi' },
      storageClassName: 'std',
      persistentVolumeReclaimPolicy: 'Delete',
      hostPath: { path, type: 'DirectoryOrCreate' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }] },
          ],
        },
      },
    },
  });
  expect(await untilTold(plane, 'c', 'Provisioning')).toMatchObject({
    message: 'External provisioner is provisioning volume for claim "default/c"',
    source: { component: provisioner },
  });
  expect((await untilTold(plane, 'c', 'ProvisioningSucceeded')).message).toBe(
    `Successfully provisioned volume ${name}`,
  );
  await remove(plane, 'c');
  await plane.until(volumes, name, (volume) => volume === undefined);
  expect(folders.there.size).toBe(0);
});

test('a class that does not wait gets a folder on some node, of its topology where it says one', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders, disabled: ['node-lifecycle-controller'] });
  await addNode(plane, 'a', { unschedulable: true });
  await addNode(plane, 'b');
  await addNode(plane, 'c');
  await makeClass(plane, 'now', { provisioner });
  const allowedTopologies = [{ matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['c'] }] }];
  await makeClass(plane, 'there', { provisioner, allowedTopologies });
  await makeClaim(plane, 'x', { storageClassName: 'now' });
  await makeClaim(plane, 'y', { storageClassName: 'there' });
  for (const name of ['x', 'y']) await untilClaim(plane, name, 'Bound');
  expect([...folders.there].map((path) => path.split('/')[2]).sort()).toEqual(['b', 'c']);
});

test('a volume for pods of many nodes is on none', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders });
  await makeClass(plane, 'now', { provisioner });
  const made = await makeClaim(plane, 'c', { storageClassName: 'now', accessModes: ['ReadWriteMany'] });
  await untilClaim(plane, 'c', 'Bound');
  expect(volumeOf(plane, made)?.spec?.nodeAffinity).toBeUndefined();
  expect([...folders.there][0]).toMatch(/^\/disk\/all\//);
});

test('what a folder cannot be is refused with the reason', async () => {
  await using plane = await controlPlane();
  await makeClass(plane, 'now', { provisioner });
  await makeClaim(plane, 'block', { storageClassName: 'now', volumeMode: 'Block' });
  await makeClaim(plane, 'picky', { storageClassName: 'now', selector: { matchLabels: { a: 'b' } } });
  await makeClaim(plane, 'nowhere', { storageClassName: 'now' });
  await makeClass(plane, 'typed', { provisioner, parameters: { type: 'gp2' } });
  await makeClass(plane, 'mounted', { provisioner, mountOptions: ['noatime'] });
  for (const name of ['typed', 'mounted']) await makeClaim(plane, name, { storageClassName: name });
  const failed = async (name: string) => (await untilTold(plane, name, 'ProvisioningFailed')).message;
  const prefix = 'failed to provision volume with StorageClass "now": ';
  expect(await failed('block')).toBe(`${prefix}${provisioner} does not support block volume provisioning`);
  expect(await failed('picky')).toBe(`${prefix}claim.Spec.Selector is not supported`);
  expect(await failed('nowhere')).toBe(`${prefix}no node is ready to hold a volume`);
  expect(await failed('typed')).toMatch(/: krill\.dev\/local-path has no parameter "type"$/);
  expect(await failed('mounted')).toMatch(/: krill\.dev\/local-path does not support mount options$/);
  // The one that only lacked a node is made when there is one.
  await addNode(plane, 'n1');
  await untilClaim(plane, 'nowhere', 'Bound');
});

test('a folder that cannot be made or removed is tried again', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders, disabled: ['node-lifecycle-controller'] });
  await addNode(plane, 'n1');
  await makeClass(plane, 'now', { provisioner });
  folders.refuses = 'no space left on device';
  const made = await makeClaim(plane, 'c', { storageClassName: 'now' });
  expect((await untilTold(plane, 'c', 'ProvisioningFailed')).message).toMatch(/: no space left on device$/);
  folders.refuses = '';
  await untilClaim(plane, 'c', 'Bound');
  folders.refuses = 'device or resource busy';
  await remove(plane, 'c');
  const name = `pvc-${made.metadata.uid}`;
  expect(await untilTold(plane, name, 'VolumeFailedDelete')).toMatchObject({
    type: 'Warning',
    message: 'device or resource busy',
  });
  expect(volumeOf(plane, made)?.status?.phase).toBe('Released');
  folders.refuses = '';
  await plane.until(volumes, name, (volume) => volume === undefined);
  expect(folders.there.size).toBe(0);
});

test('a node that is gone before the folder is made has to be chosen again', async () => {
  await using plane = await controlPlane();
  await makeClass(plane, 'std', late);
  await makeClaim(plane, 'c', { storageClassName: 'std' });
  await choose(plane, 'c', 'gone');
  const again = await plane.until(
    claims,
    'default/c',
    (claim) =>
      claim?.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] === provisioner &&
      claim.metadata.annotations['volume.kubernetes.io/selected-node'] === undefined,
  );
  expect(again?.status?.phase).toBe('Pending');
});

test('a folder that is not of a volume is not removed, whoever says that it is', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders });
  folders.there.add('/etc');
  await plane.client.resource(volumes).create({
    metadata: { name: 'sly', annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Delete',
      hostPath: { path: '/etc' },
    },
  });
  await makeClaim(plane, 'c', { volumeName: 'sly' });
  await untilClaim(plane, 'c', 'Bound');
  await remove(plane, 'c');
  expect((await untilTold(plane, 'sly', 'VolumeFailedDelete')).message).toBe(
    '/etc is not the folder of a volume of krill.dev/local-path',
  );
  expect([...folders.there]).toEqual(['/etc']);
});

test('a retained volume and its folder stay; deleting the volume leaves the folder', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders, disabled: ['node-lifecycle-controller'] });
  await addNode(plane, 'n1');
  await makeClass(plane, 'keep', { provisioner, reclaimPolicy: 'Retain' });
  const made = await makeClaim(plane, 'c', { storageClassName: 'keep' });
  await untilClaim(plane, 'c', 'Bound');
  const name = `pvc-${made.metadata.uid}`;
  await remove(plane, 'c');
  await plane.until(volumes, name, (volume) => volume?.status?.phase === 'Released');
  await plane.client.resource(volumes).delete({ name });
  await plane.until(volumes, name, (volume) => volume === undefined);
  expect(folders.there.size).toBe(1);
});

test('a policy that is changed counts: kept volumes let go of their folder, others take hold of it', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders, disabled: ['node-lifecycle-controller'] });
  await addNode(plane, 'n1');
  await makeClass(plane, 'now', { provisioner });
  const made = await makeClaim(plane, 'c', { storageClassName: 'now' });
  await untilClaim(plane, 'c', 'Bound');
  const name = `pvc-${made.metadata.uid}`;
  const finalizer = 'external-provisioner.volume.kubernetes.io/finalizer';
  const set = (persistentVolumeReclaimPolicy: string) =>
    plane.client.resource(volumes).mergePatch({ name }, { spec: { persistentVolumeReclaimPolicy } });
  await set('Retain');
  await plane.until(volumes, name, (volume) => !volume?.metadata.finalizers?.includes(finalizer));
  await set('Delete');
  await plane.until(volumes, name, (volume) => volume?.metadata.finalizers?.includes(finalizer) === true);
  // A volume that is deleted before its claim keeps its folder until the claim is gone, and then takes it along.
  await plane.client.resource(volumes).delete({ name });
  expect(folders.there.size).toBe(1);
  await remove(plane, 'c');
  await plane.until(volumes, name, (volume) => volume === undefined);
  expect(folders.there.size).toBe(0);
});

test('a claim grows where its class lets it, once it is bound', async () => {
  await using plane = await controlPlane({ disabled: ['node-lifecycle-controller'] });
  await addNode(plane, 'n1');
  await makeClass(plane, 'grows', { ...late, allowVolumeExpansion: true });
  await makeClass(plane, 'fixed', { provisioner });
  const ask = (name: string, storage: string) =>
    plane.client
      .resource(claims)
      .mergePatch({ namespace: 'default', name }, { spec: { resources: { requests: { storage } } } });
  const made = await makeClaim(plane, 'g', { storageClassName: 'grows' });
  await makeClaim(plane, 'f', { storageClassName: 'fixed' });
  await untilClaim(plane, 'f', 'Bound');
  await expect(ask('g', '2Gi')).rejects.toMatchObject({
    message: expect.stringContaining('spec is immutable after creation'),
  });
  await expect(ask('f', '2Gi')).rejects.toMatchObject({
    message:
      'persistentvolumeclaims "f" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  });
  await choose(plane, 'g', 'n1');
  await untilClaim(plane, 'g', 'Bound');
  await ask('g', '3Gi');
  const grown = await plane.until(claims, 'default/g', (claim) => claim?.status?.capacity?.['storage'] === '3Gi');
  expect(grown?.status).toEqual({
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '3Gi' },
    allocatedResources: { storage: '3Gi' },
  });
  expect(volumeOf(plane, made)?.spec?.capacity).toEqual({ storage: '3Gi' });
  expect((await untilTold(plane, 'g', 'VolumeResizeSuccessful')).message).toBe('Resize volume succeeded');
  expect(await untilTold(plane, 'g', 'ExternalExpanding')).toMatchObject({
    message: 'waiting for an external controller to expand this PVC',
    source: { component: 'volume_expand' },
  });
});

test('nothing is made for a pod that only reads what is there', async () => {
  const folders = new Folders();
  await using plane = await controlPlane({ folders });
  await user(plane, 'p', 'c');
  await makeClaim(plane, 'c', { storageClassName: '' });
  await untilTold(plane, 'c', 'FailedBinding');
  expect(folders.there.size).toBe(0);
});
