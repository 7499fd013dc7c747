import { expect, test } from 'vitest';
import {
  volumeAttachments as attachments,
  csiDrivers as drivers,
  nodes,
  pods,
  persistentVolumes as volumes,
} from '../../../src/api/kinds.gen.ts';
import type { PersistentVolumeSpec } from '../../../src/api/types/core-v1.gen.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';
import { makeClaim, untilClaim, untilTold } from '../../kit/volumes.ts';

const driver = 'csi.example.com';
const unique = `kubernetes.io/csi/${driver}^vol-v`;

/** Nodes, a volume of a CSI driver and the claim that has it. Pods are bound by the test. */
const plane = async (spec: PersistentVolumeSpec = {}) => {
  const made = await controlPlane({
    pods: false,
    disabled: ['node-lifecycle-controller', 'pod-garbage-collector-controller'],
  });
  const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
  for (const name of ['n1', 'n2']) await made.client.resource(nodes).create({ metadata: { name, annotations } });
  await made.client.resource(volumes).create({
    metadata: { name: 'v' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      csi: { driver, volumeHandle: 'vol-v' },
      ...spec,
    },
  });
  await makeClaim(made, 'c', spec.accessModes ? { accessModes: spec.accessModes } : {});
  await untilClaim(made, 'c', 'Bound');
  return made;
};

const podOn = (plane: ControlPlane, name: string, nodeName: string) =>
  plane.client.resource(pods).create({
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }],
    },
  });

const removePod = (plane: ControlPlane, name: string) =>
  plane.client.resource(pods).delete({ namespace: 'default', name }, { gracePeriodSeconds: 0 });

const attachmentOn = async (plane: ControlPlane, node: string) => {
  const all = await plane.untilAll(attachments, (list) => list.some(({ spec }) => spec.nodeName === node));
  return all.find(({ spec }) => spec.nodeName === node)!;
};

/** What the driver's external attacher does. */
const answer = (plane: ControlPlane, name: string, status: object) =>
  plane.client.resource(attachments).mergePatch({ name }, { status }, { subresource: 'status' });

const listed = (plane: ControlPlane, node: string, names: string[]) =>
  plane.until(
    nodes,
    node,
    (found) => (found?.status?.volumesAttached ?? []).map(({ name }) => name).join() === names.join(),
  );

const inUse = (plane: ControlPlane, name: string, volumesInUse: string[]) =>
  plane.client.resource(nodes).mergePatch({ name }, { status: { volumesInUse } }, { subresource: 'status' });

test('a volume is attached for its pod, listed on the node, and detached when no pod needs it', async () => {
  await using p = await plane();
  await podOn(p, 'a', 'n1');
  const attachment = await attachmentOn(p, 'n1');
  expect(attachment).toMatchObject({
    // sha256 of handle, driver and node, as drivers expect it.
    metadata: { name: 'csi-fddf175610aed0ef411279006320f83c1a1e03f811839d2e9002708c202e42e5' },
    spec: { attacher: driver, nodeName: 'n1', source: { persistentVolumeName: 'v' } },
  });
  await answer(p, attachment.metadata.name!, { attached: true });
  const node = await listed(p, 'n1', [unique]);
  expect(node?.status?.volumesAttached).toEqual([{ name: unique, devicePath: '' }]);
  expect(await untilTold(p, 'a', 'SuccessfulAttachVolume')).toMatchObject({
    message: 'AttachVolume.Attach succeeded for volume "v" ',
    source: { component: 'attachdetach-controller' },
  });
  await podOn(p, 'b', 'n1');
  await removePod(p, 'a');
  await inUse(p, 'n1', [unique]);
  await removePod(p, 'b');
  await p.until(pods, 'default/b', (pod) => pod === undefined);
  expect(p.informers.of(attachments).list()).toHaveLength(1);
  await inUse(p, 'n1', []);
  await p.untilAll(attachments, (list) => list.length === 0);
  await listed(p, 'n1', []);
});

test('a pod on another node waits until the volume is free, and hears who has it', async () => {
  await using p = await plane();
  await podOn(p, 'a', 'n1');
  await attachmentOn(p, 'n1');
  await podOn(p, 'b', 'n2');
  expect(await untilTold(p, 'b', 'FailedAttachVolume')).toMatchObject({
    type: 'Warning',
    message: 'Multi-Attach error for volume "v" Volume is already used by pod(s) a',
  });
  await removePod(p, 'a');
  const moved = await attachmentOn(p, 'n2');
  expect(moved.spec.source).toEqual({ persistentVolumeName: 'v' });
  expect(p.informers.of(attachments).list()).toHaveLength(1);
});

test('two pods that come at once do not both get a volume that is for one node', async () => {
  await using p = await plane();
  await Promise.all([podOn(p, 'a', 'n1'), podOn(p, 'b', 'n2')]);
  await p.untilAll(attachments, (list) => list.length > 0);
  const [one] = p.informers.of(attachments).list();
  await untilTold(p, one!.spec.nodeName === 'n1' ? 'b' : 'a', 'FailedAttachVolume');
  expect(p.informers.of(attachments).list()).toHaveLength(1);
});

test('a volume for many nodes is attached to each', async () => {
  await using p = await plane({ accessModes: ['ReadWriteMany'] });
  await podOn(p, 'a', 'n1');
  await podOn(p, 'b', 'n2');
  await attachmentOn(p, 'n1');
  await attachmentOn(p, 'n2');
});

test('a driver that needs no attaching gets none, as long as it says so', async () => {
  await using p = await plane();
  await p.client.resource(drivers).create({ metadata: { name: driver }, spec: { attachRequired: false } });
  await podOn(p, 'a', 'n1');
  await p.client.resource(volumes).mergePatch({ name: 'v' }, { metadata: { labels: { look: 'again' } } });
  expect(p.informers.of(attachments).list()).toEqual([]);
  await p.client.resource(drivers).delete({ name: driver });
  await attachmentOn(p, 'n1');
});

test('what the driver cannot attach is told; attachments of others are left alone', async () => {
  await using p = await plane();
  await p.client.resource(attachments).create({
    metadata: { name: 'by-hand' },
    spec: { attacher: 'other.example.com', nodeName: 'n1', source: { persistentVolumeName: 'other' } },
  });
  await podOn(p, 'a', 'n1');
  const made = await p.untilAll(attachments, (list) => list.length === 2);
  const own = made.find(({ metadata }) => metadata.name !== 'by-hand')!;
  const attachError = { message: 'rpc error: no such disk', time: '2026-01-01T00:00:00Z' };
  await answer(p, own.metadata.name!, { attached: false, attachError });
  expect((await untilTold(p, 'a', 'FailedAttachVolume')).message).toBe(
    'AttachVolume.Attach failed for volume "v" : rpc error: no such disk',
  );
  await removePod(p, 'a');
  const left = await p.untilAll(attachments, (list) => list.length === 1);
  expect(left[0]?.metadata.name).toBe('by-hand');
});
