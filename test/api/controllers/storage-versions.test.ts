import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { leases, storageVersions } from '../../../src/api/kinds.gen.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import type { ServerStorageVersion, StorageVersion } from '../../../src/api/types/apiserverinternal-v1alpha1.gen.ts';
import type { Lease } from '../../../src/api/types/coordination-v1.gen.ts';
import { ManualClock, microTimestamp } from '../../../src/base/clock.ts';
import { apiServerIdentity } from '../../../src/controllers/apiserver-leases.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const { id: own } = apiServerIdentity('localhost');
const ownKey = `kube-system/${own}`;
const on = { apis: servedApis({ runtimeConfig: { 'internal.apiserver.k8s.io/v1alpha1': true } }) };
const minute = 60_000;

const identityLease = (name: string, spec: Lease['spec'], labels?: Record<string, string>) => ({
  metadata: {
    name,
    namespace: 'kube-system',
    labels: labels ?? { 'apiserver.kubernetes.io/identity': 'kube-apiserver' },
  },
  spec: spec ?? {},
});

test('a server is known by the name of its machine, as upstream hashes it', () => {
  const bytes = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('host'),
    Buffer.from([0, 14]),
    Buffer.from('kube-apiserver'),
  ]);
  const hash = createHash('sha256').update(bytes).digest().subarray(0, 16);
  const { id } = apiServerIdentity('host');
  expect(id).toMatch(/^apiserver-[a-z2-7]{26}$/);
  let number = 0n;
  for (const letter of id.slice('apiserver-'.length))
    number = number * 32n + BigInt('abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter));
  // 26 letters are 130 bits, of which the last two are none of the hash.
  expect((number >> 2n).toString(16).padStart(32, '0')).toBe(hash.toString('hex'));
});

describe('the lease of an API server', () => {
  test('is there, is renewed long before it ends, and comes back when somebody deletes it', async () => {
    const clock = new ManualClock();
    await using plane = await controlPlane({ clock, pods: false });
    const lease = await plane.until(leases, ownKey, (one) => one !== undefined);
    expect(lease).toMatchObject({
      metadata: {
        labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': 'localhost' },
      },
      spec: {
        holderIdentity: expect.stringMatching(new RegExp(`^${own}_`)),
        leaseDurationSeconds: 3600,
        renewTime: microTimestamp(clock.wall()),
      },
    });
    const began = clock.wall();
    const current = () => plane.informers.of(leases).get(ownKey)!;
    while (current().spec!.renewTime === lease!.spec!.renewTime) await clock.advance(minute);
    expect(clock.wall() - began).toBeLessThan(30 * minute);
    expect(current().metadata.uid).toBe(lease!.metadata.uid);
    await plane.client.resource(leases).delete({ namespace: 'kube-system', name: own });
    const uid = lease!.metadata.uid;
    await plane.until(leases, ownKey, (one) => one !== undefined && one.metadata.uid !== uid);
  });

  test('is taken up again by the server that comes after, with a holder of its own', async () => {
    const clock = new ManualClock();
    await using first = await controlPlane({ clock, pods: false });
    const before = await first.until(leases, ownKey, (one) => one !== undefined);
    await using second = await controlPlane({ clock, pods: false, api: first.api });
    const after = await second.until(
      leases,
      ownKey,
      (one) => one?.spec?.holderIdentity !== before!.spec!.holderIdentity,
    );
    expect(after!.metadata.uid).toBe(before!.metadata.uid);
  });

  test('goes when it has ended, and one that never could end at once; other leases stay', async () => {
    const clock = new ManualClock();
    await using plane = await controlPlane({ clock, pods: false });
    const renewTime = microTimestamp(clock.wall());
    const create = (lease: ReturnType<typeof identityLease>) => plane.client.resource(leases).create(lease);
    await create(identityLease('apiserver-other', { leaseDurationSeconds: 60, renewTime }));
    await create(identityLease('someone', { leaseDurationSeconds: 60, renewTime }, {}));
    await create(identityLease('apiserver-endless', { renewTime }));
    await plane.until(leases, 'kube-system/apiserver-endless', (one) => one === undefined);
    await clock.advance(minute - 1);
    expect(plane.informers.of(leases).get('kube-system/apiserver-other')).toBeDefined();
    await clock.advance(1);
    await plane.until(leases, 'kube-system/apiserver-other', (one) => one === undefined);
    expect(plane.informers.of(leases).get('kube-system/someone')).toBeDefined();
  });
});

describe('StorageVersions', () => {
  const until = (plane: ControlPlane, name: string, check: (one: StorageVersion | undefined) => boolean) =>
    plane.until(storageVersions, name, check);
  const isWritten = (one: StorageVersion | undefined) => one?.status?.commonEncodingVersion !== undefined;
  const entry = (apiServerID: string, encodingVersion: string): ServerStorageVersion => ({
    apiServerID,
    encodingVersion,
    decodableVersions: [encodingVersion],
  });

  test('say of every stored resource in which versions it is stored, read and served', async () => {
    await using plane = await controlPlane({ server: on, pods: false });
    const deployments = await until(plane, 'apps.deployments', isWritten);
    expect(deployments!.status).toEqual({
      storageVersions: [
        {
          apiServerID: own,
          encodingVersion: 'apps/v1',
          decodableVersions: ['apps/v1', 'apps/v1beta2', 'apps/v1beta1', 'extensions/v1beta1'],
          servedVersions: ['apps/v1', 'apps/v1beta2', 'apps/v1beta1'],
        },
      ],
      commonEncodingVersion: 'apps/v1',
      conditions: [
        {
          type: 'AllEncodingVersionsEqual',
          status: 'True',
          lastTransitionTime: expect.any(String),
          reason: 'CommonEncodingVersionSet',
          message: 'Common encoding version set',
        },
      ],
    });
    const events = await until(plane, 'core.events', isWritten);
    expect(events!.status!.storageVersions).toMatchObject([
      { encodingVersion: 'v1', decodableVersions: ['v1', 'events.k8s.io/v1', 'events.k8s.io/v1beta1'] },
    ]);
    const autoscalers = await until(plane, 'autoscaling.horizontalpodautoscalers', isWritten);
    expect(autoscalers!.status!.commonEncodingVersion).toBe('autoscaling/v2');
    await until(plane, 'apiextensions.k8s.io.customresourcedefinitions', isWritten);
    const all = await plane.untilAll(storageVersions, (ones) => ones.every(isWritten), '');
    const names = all.map(({ metadata }) => metadata.name!);
    expect(names).toContain('internal.apiserver.k8s.io.storageversions');
    // Reviews are never stored, and of one storage there is one object.
    expect(names.filter((name) => /review|events.k8s.io|extensions\.(ingresses|deployments)/.test(name))).toEqual([]);
    await until(plane, 'core.pods', isWritten);
    await plane.client.resource(storageVersions).delete({ name: 'core.pods' });
    await until(plane, 'core.pods', isWritten);
  });

  test('lose what servers say whose lease is gone, and go with the last of it', async () => {
    await using plane = await controlPlane({ server: on, pods: false });
    const resource = plane.client.resource(storageVersions);
    const pods = await until(plane, 'core.pods', isWritten);
    const renewTime = microTimestamp(plane.clock.wall());
    const live = { leaseDurationSeconds: 3600, renewTime };
    await plane.client.resource(leases).create(identityLease('apiserver-other', live));
    const said = [...pods!.status!.storageVersions!, entry('apiserver-other', 'v2')];
    await resource.updateStatus({
      ...pods!,
      status: {
        storageVersions: said,
        conditions: [
          {
            type: 'AllEncodingVersionsEqual',
            status: 'False',
            reason: 'CommonEncodingVersionUnset',
            message: 'Common encoding version unset',
          },
        ],
      },
    });
    const alone = await resource.create({ metadata: { name: 'example.com.widgets' }, spec: {}, status: {} });
    const widgets = [entry('apiserver-other', 'example.com/v1')];
    await resource.updateStatus({
      ...alone,
      status: { storageVersions: widgets, commonEncodingVersion: 'example.com/v1' },
    });
    const nobody = await resource.create({ metadata: { name: 'example.com.gadgets' }, spec: {}, status: {} });
    await resource.updateStatus({
      ...nobody,
      status: {
        storageVersions: [entry('apiserver-nobody', 'example.com/v1')],
        commonEncodingVersion: 'example.com/v1',
      },
    });
    await until(plane, 'example.com.gadgets', (one) => one === undefined);
    expect(plane.informers.of(storageVersions).get('core.pods')!.status!.storageVersions).toEqual(said);
    expect(plane.informers.of(storageVersions).get('example.com.widgets')).toBeDefined();

    await plane.client.resource(leases).delete({ namespace: 'kube-system', name: 'apiserver-other' });
    await until(plane, 'example.com.widgets', (one) => one === undefined);
    const left = await until(plane, 'core.pods', isWritten);
    expect(left!.status).toMatchObject({
      storageVersions: pods!.status!.storageVersions,
      conditions: [{ type: 'AllEncodingVersionsEqual', status: 'True', reason: 'CommonEncodingVersionSet' }],
    });
  });

  test('are not there where they are not switched on, and nobody asks for them', async () => {
    await using plane = await controlPlane({ pods: false });
    await plane.until(leases, ownKey, (one) => one !== undefined);
    await expect(plane.client.resource(storageVersions).list()).rejects.toMatchObject({ code: 404 });
    expect(plane.informers.existing(storageVersions)).toBeUndefined();
    expect(plane.logged.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});
