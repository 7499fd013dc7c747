import { expect, test } from 'vitest';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  Pod,
} from '../../../src/api/types/core-v1.gen.ts';
import { startKubelets, type TestKubelets } from '../../kit/kubelets.ts';

const ready = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';

const using = (claimName: string, more: object = {}) => ({
  volumes: [{ name: 'v', persistentVolumeClaim: { claimName, ...more } }],
  containers: [{ name: 'web', image: 'app:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
});

const makeClaim = (k: TestKubelets, name: string, extra: object = {}) =>
  k.api.call<PersistentVolumeClaim>('create', 'persistentvolumeclaims', {
    object: {
      metadata: { name, ...extra },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  });

const makeVolume = (k: TestKubelets, name: string, claim: PersistentVolumeClaim, spec: PersistentVolumeSpec = {}) => {
  const { namespace, name: claimName, uid } = claim.metadata;
  return k.api.call<PersistentVolume>('create', 'persistentvolumes', {
    namespace: '',
    object: {
      metadata: { name },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { namespace, name: claimName, uid },
        ...(spec.local ? {} : { hostPath: { path: `/srv/${name}` } }),
        ...spec,
      },
    },
  });
};

/** What the binder does to a claim. */
const bind = async (k: TestKubelets, name: string, volumeName: string) => {
  const patch = (body: object) => ({ name, patch: { type: 'merge' as const, body } });
  await k.api.call('patch', 'persistentvolumeclaims', patch({ spec: { volumeName } }));
  const status = { ...patch({ status: { phase: 'Bound' } }), subresource: 'status' };
  await k.api.call('patch', 'persistentvolumeclaims', status);
};

const waits = (k: TestKubelets, name = 'web') => k.until(name, (pod) => pod.status?.podIP !== undefined);
const unresolved = (why: string, claim = 'c') =>
  `FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: error processing PVC default/${claim}: ${why}`;

test("a pod waits until its claim is there, bound, and its volume the claim's, and starts at once then", async () => {
  await using k = await startKubelets();
  await k.pod('web', using('c'));
  await waits(k);
  const missing = unresolved('failed to fetch PVC from API server: persistentvolumeclaim "c" not found');
  expect(await k.events('web')).toContain(missing);
  const claim = await makeClaim(k, 'c');
  for (let i = 0; i < 200 && !(await k.events('web')).includes(unresolved('PVC is not bound')); i++) {
    await k.clock.advance(0);
  }
  expect(await k.events('web')).toContain(unresolved('PVC is not bound'));
  expect((await k.get('web')).status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating');
  await makeVolume(k, 'disk', claim);
  await bind(k, 'c', 'disk');
  await k.until('web', ready);
  expect(k.fake.specs[0]?.mounts[0]).toEqual({
    containerPath: '/v',
    readOnly: false,
    source: { type: 'path', path: '/srv/disk' },
  });
});

test('no pod starts with a claim that is being deleted', async () => {
  await using k = await startKubelets();
  const claim = await makeClaim(k, 'c');
  await makeVolume(k, 'disk', claim);
  await bind(k, 'c', 'disk');
  await k.api.call('delete', 'persistentvolumeclaims', { name: 'c' });
  await k.pod('web', using('c'));
  await waits(k);
  expect(await k.events('web')).toContain(unresolved('PVC is being deleted'));
});

test('a claim that is to be read is mounted read-only', async () => {
  await using k = await startKubelets();
  const claim = await makeClaim(k, 'c');
  await makeVolume(k, 'disk', claim);
  await bind(k, 'c', 'disk');
  await k.pod('web', using('c', { readOnly: true }));
  await k.until('web', ready);
  expect(k.fake.specs[0]?.mounts[0]?.readOnly).toBe(true);
});

test.each<[string, PersistentVolumeSpec, string]>([
  [
    'a local folder that is not there',
    { local: { path: '/srv/gone' } },
    'MountVolume.NewMounter initialization failed for volume "disk" : path "/srv/gone" does not exist',
  ],
  [
    'a folder that is not what it should be',
    { hostPath: { path: '/srv/gone', type: 'Directory' } },
    'MountVolume.SetUp failed for volume "disk" : hostPath type check failed: /srv/gone is not a directory',
  ],
  [
    'a volume with mount options',
    { mountOptions: ['ro'] },
    'MountVolume.MountOptionSupport check failed for volume "disk" : mount options are not supported',
  ],
  [
    'a volume of another node',
    {
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n9'] }] },
          ],
        },
      },
    },
    'MountVolume.NodeAffinity check failed for volume "disk" : no matching NodeSelectorTerms',
  ],
])('%s holds the pod', async (_, spec, message) => {
  await using k = await startKubelets();
  k.fake.badPaths.set('/srv/gone', 'hostPath type check failed: /srv/gone is not a directory');
  const claim = await makeClaim(k, 'c');
  // Volumes that are local must say where.
  const here = { key: 'kubernetes.io/hostname', operator: 'In' as const, values: ['n1'] };
  const required = { nodeSelectorTerms: [{ matchExpressions: [here] }] };
  await makeVolume(k, 'disk', claim, { ...(spec.local && { nodeAffinity: { required } }), ...spec });
  await bind(k, 'c', 'disk');
  await k.pod('web', using('c'));
  await waits(k);
  expect(await k.events('web')).toContain(`FailedMount: ${message}`);
});

test('volumes of a kind that krill does not mount are refused by name', async () => {
  await using k = await startKubelets();
  const claim = await makeClaim(k, 'c');
  await k.api.call('create', 'persistentvolumes', {
    namespace: '',
    object: {
      metadata: { name: 'disk' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { namespace: 'default', name: 'c', uid: claim.metadata.uid },
        csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' },
      },
    },
  });
  await bind(k, 'c', 'disk');
  await k.pod('web', using('c'));
  await waits(k);
  expect(await k.events('web')).toContain(
    'FailedMount: MountVolume.SetUp failed for volume "disk" : persistent volumes of type csi are not supported by krill',
  );
});

test('a volume for one pod alone waits for the other pod to go', async () => {
  await using k = await startKubelets();
  const claim = await makeClaim(k, 'c');
  await makeVolume(k, 'disk', claim, { accessModes: ['ReadWriteOncePod'] });
  await bind(k, 'c', 'disk');
  await k.pod('web', using('c'));
  await k.until('web', ready);
  await k.pod('other', using('c'));
  await waits(k, 'other');
  expect(await k.events('other')).toContain(
    'FailedMount: MountVolume.SetUp failed for volume "disk" : volume uses the ReadWriteOncePod access mode and is already in use by another pod',
  );
  await k.api.call('delete', 'pods', { name: 'web', options: { gracePeriodSeconds: 0 } });
  await k.until('other', ready);
});

test("a pod's own volume is that of the claim that was made for it, and of no other", async () => {
  await using k = await startKubelets();
  const own = {
    volumes: [
      {
        name: 'v',
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        },
      },
    ],
    containers: [{ name: 'web', image: 'app:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
  };
  await makeClaim(k, 'thief-v');
  await k.pod('thief', own);
  await waits(k, 'thief');
  const foreign = 'PVC default/thief-v was not created for pod default/thief (pod is not owner)';
  expect(await k.events('thief')).toContain(unresolved(foreign, 'thief-v'));

  const { metadata } = await k.pod('web', own);
  await waits(k);
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: metadata.uid, controller: true };
  const claim = await makeClaim(k, 'web-v', { ownerReferences: [owner] });
  await makeVolume(k, 'disk', claim);
  await bind(k, 'web-v', 'disk');
  await k.until('web', ready);
  expect(k.fake.specs[0]?.mounts[0]?.source).toEqual({ type: 'path', path: '/srv/disk' });
});
