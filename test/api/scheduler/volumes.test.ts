import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  priorityClasses,
  storageClasses,
} from '../../../src/api/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/api/types/core-v1.gen.ts';
import type { StorageClass } from '../../../src/api/types/storage-v1.gen.ts';
import { type Scheduled, scheduled } from '../../kit/scheduled.ts';

/** The scheduler and the controllers that bind claims, on a real API server, each with its own rights. */
let s: Scheduled;

const zone = 'topology.kubernetes.io/zone';
const selectedNode = 'volume.kubernetes.io/selected-node';

beforeEach(async () => {
  s = await scheduled();
  await s.addNode('n1', { [zone]: 'a' });
  await s.addNode('n2', { [zone]: 'b' });
});
afterEach(() => s[Symbol.asyncDispose]());

const addClass = (name: string, fields: Partial<StorageClass> = {}) =>
  s.plane.client.resource(storageClasses).create({
    metadata: { name },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...fields,
  });

test('a node that was only named once is no place for volumes', async () => {
  await s.addPod('lost', { nodeName: 'nowhere' });
  await s.plane.until(pods, 'default/lost', (pod) => pod !== undefined);
  await s.plane.client.resource(pods).delete({ namespace: 'default', name: 'lost' }, { gracePeriodSeconds: 0 });
  await addClass('manual');
  await addClaim('c', 'manual');
  await s.addPod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] });
  const why = "2 node(s) didn't find available persistent volumes to bind.";
  const unhelpful = 'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';
  await s.refused('p', `0/2 nodes are available: ${why} no new claims to deallocate, ${unhelpful}`);
});

const addClaim = (name: string, storageClassName: string) =>
  s.plane.client.resource(persistentVolumeClaims).create({
    metadata: { name, namespace: 'default' },
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });

/** A volume that only the nodes of a zone reach. */
const addVolume = (
  name: string,
  storageClassName: string,
  where: string,
  fields: Partial<PersistentVolume['spec']> = {},
) =>
  s.plane.client.resource(persistentVolumes).create({
    metadata: { name },
    spec: {
      storageClassName,
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path: '/mnt' },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: 'In', values: [where] }] }] },
      },
      ...fields,
    },
  });

const claimWhen = (name: string, wanted: (claim: PersistentVolumeClaim) => boolean) =>
  s.passing(s.plane.until(persistentVolumeClaims, `default/${name}`, (claim) => claim !== undefined && wanted(claim)));
const using = (claimName: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] });

/** What an external provisioner does for a claim whose node is selected: makes a volume there, or refuses. */
async function provision(name: string, where: string): Promise<void> {
  const { metadata } = (await claimWhen(name, (claim) => claim.metadata.annotations?.[selectedNode] !== undefined))!;
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace: 'default', name, uid: metadata.uid! };
  await addVolume(`pvc-${name}`, 'made', where, { claimRef });
}

describe('a claim that waits for its first consumer', () => {
  test('gets a volume where the pod goes, and the pod goes where there is a volume', async () => {
    await addClass('local');
    await addClaim('c', 'local');
    await addVolume('v2', 'local', 'b');
    await s.addPod('p', using('c'));
    expect(await s.nodeOf('p')).toBe('n2');
    const claim = await claimWhen('c', ({ status }) => status?.phase === 'Bound');
    expect(claim?.spec?.volumeName).toBe('v2');
    const volume = s.plane.informers.of(persistentVolumes).get('v2');
    expect(volume?.spec?.claimRef).toMatchObject({ namespace: 'default', name: 'c', uid: claim?.metadata.uid });
    expect(s.told.at(-1)).toBe('Normal Scheduled: Successfully assigned default/p to n2');
  });

  test('keeps its pod waiting until there is a volume', async () => {
    await addClass('local');
    await addClaim('c', 'local');
    await s.addPod('p', using('c'));
    await s.refused(
      'p',
      "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
    await addVolume('v1', 'local', 'a');
    expect(await s.nodeOf('p')).toBe('n1');
  });

  test('is not given the volume of another claim, however many pods come at once', async () => {
    await addClass('local');
    await Promise.all(['c1', 'c2', 'c3'].map((name) => addClaim(name, 'local')));
    await addVolume('v1', 'local', 'a');
    await addVolume('v2', 'local', 'b');
    await Promise.all(['1', '2', '3'].map((n) => s.addPod(`p${n}`, using(`c${n}`))));
    const placed = await s.passing(
      s.plane.untilAll(pods, (all) => all.filter(({ spec }) => spec?.nodeName !== undefined).length === 2),
    );
    const waiting = placed.find(({ spec }) => spec?.nodeName === undefined)!;
    const volumes = s.plane.informers.of(persistentVolumes).list();
    const refs = volumes.map(({ spec }) => spec?.claimRef?.name).sort();
    const bound = placed.filter((pod) => pod !== waiting).map(({ metadata }) => metadata.name!.replace('p', 'c'));
    expect(refs).toEqual(bound.sort());
    expect(new Set(placed.map(({ spec }) => spec?.nodeName))).toEqual(new Set(['n1', 'n2', undefined]));
  });
});

describe('a claim whose volume is to be made', () => {
  const provisioner = 'csi.example.com';

  test('is made on the node that was chosen, before the pod is bound', async () => {
    await addClass('made', {
      provisioner,
      allowedTopologies: [{ matchLabelExpressions: [{ key: zone, values: ['b'] }] }],
    });
    await addClaim('c', 'made');
    await s.addPod('p', using('c'));
    const chosen = await claimWhen('c', ({ metadata }) => metadata.annotations?.[selectedNode] !== undefined);
    expect(chosen?.metadata.annotations?.[selectedNode]).toBe('n2');
    expect(s.plane.informers.of(pods).get('default/p')?.spec?.nodeName).toBeUndefined();
    await provision('c', 'b');
    expect(await s.nodeOf('p')).toBe('n2');
  });

  test('lets its pod look for another node when the provisioner cannot', async () => {
    await addClass('made', { provisioner });
    await addClaim('c', 'made');
    await s.addPod('p', using('c'));
    await claimWhen('c', ({ metadata }) => metadata.annotations?.[selectedNode] !== undefined);
    const body = { metadata: { annotations: { [selectedNode]: null } } };
    await s.plane.client.resource(persistentVolumeClaims).mergePatch({ namespace: 'default', name: 'c' }, body);
    const message = 'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "c"';
    await s.refused('p', message);
    expect(s.told).toContain(`Warning FailedScheduling: ${message}`);
    const again = await claimWhen('c', ({ metadata }) => metadata.annotations?.[selectedNode] !== undefined);
    await provision('c', again?.metadata.annotations?.[selectedNode] === 'n1' ? 'a' : 'b');
    await s.nodeOf('p');
  });

  test('gives up waiting in the end', async () => {
    await addClass('made', { provisioner });
    await addClaim('c', 'made');
    await s.addPod('p', using('c'));
    await s.refused('p', 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded');
  });

  test('holds up nobody when its pod is deleted meanwhile', async () => {
    await addClass('made', { provisioner });
    await addClaim('c', 'made');
    await s.addPod('p', { ...using('c'), terminationGracePeriodSeconds: 0 });
    await claimWhen('c', ({ metadata }) => metadata.annotations?.[selectedNode] !== undefined);
    await s.plane.client.resource(pods).delete({ namespace: 'default', name: 'p' });
    await s.passing(s.plane.until(pods, 'default/p', (pod) => pod === undefined));
    expect(s.told.filter((text) => text.startsWith('Warning'))).toEqual([]);
    await provision('c', 'a');
    await s.addPod('next', using('c'));
    expect(await s.nodeOf('next')).toBe('n1');
  });
});

test('a claim that is bound at once is waited for', async () => {
  await addClass('now', { volumeBindingMode: 'Immediate' });
  await addClaim('c', 'now');
  await s.addPod('p', using('c'));
  await s.refused(
    'p',
    '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
  await addVolume('v', 'now', 'b');
  expect(await s.nodeOf('p')).toBe('n2');
});

test('a claim that is not there yet is waited for', async () => {
  await addClass('local');
  await addVolume('v', 'local', 'a');
  await s.addPod('p', using('c'));
  await s.refused(
    'p',
    '0/2 nodes are available: persistentvolumeclaim "c" not found. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
  await addClaim('c', 'local');
  expect(await s.nodeOf('p')).toBe('n1');
});

test('a node that gets the labels of a volume gets its pod', async () => {
  await addClass('local');
  await addClaim('c', 'local');
  await addVolume('v', 'local', 'z');
  await s.addPod('p', using('c'));
  await s.podWhen('p', ({ status }) => status?.conditions?.some(({ status: is }) => is === 'False') ?? false);
  await s.plane.client.resource(nodes).mergePatch({ name: 'n1' }, { metadata: { labels: { [zone]: 'z' } } });
  expect(await s.nodeOf('p')).toBe('n1');
});

test('a claim for one pod alone goes to the more important pod', async () => {
  for (const [name, value] of [
    ['low', 1],
    ['high', 1000],
  ] as const) {
    await s.plane.client.resource(priorityClasses).create({ metadata: { name }, value });
  }
  await addClass('local');
  await s.plane.client.resource(persistentVolumeClaims).create({
    metadata: { name: 'c', namespace: 'default' },
    spec: {
      storageClassName: 'local',
      accessModes: ['ReadWriteOncePod'],
      resources: { requests: { storage: '1Gi' } },
    },
  });
  await addVolume('v', 'local', 'b', { accessModes: ['ReadWriteOncePod'] });
  await s.addPod('lesser', { ...using('c'), priorityClassName: 'low', terminationGracePeriodSeconds: 0 });
  expect(await s.nodeOf('lesser')).toBe('n2');
  await s.addPod('equal', { ...using('c'), priorityClassName: 'low' });
  await s.refused(
    'equal',
    '0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
  );
  await s.addPod('important', { ...using('c'), priorityClassName: 'high' });
  expect(await s.nodeOf('important')).toBe('n2');
  expect(s.told).toContainEqual(expect.stringMatching(/^Normal Preempted: Preempted by pod .* on node n2$/));
});
