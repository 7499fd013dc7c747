import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  deviceClasses,
  nodes,
  pods,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
} from '../../../src/api/kinds.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import type {
  Device,
  DeviceClaim,
  ResourceClaim,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../../src/api/types/resource-v1.gen.ts';
import { type Scheduled, scheduled } from '../../kit/scheduled.ts';

/** Scheduler and controllers on a real API server, each with its own rights, and what a driver publishes. */
let s: Scheduled;

const driver = 'gpu.example.com';

beforeEach(async () => {
  s = await scheduled();
  await s.addNode('n1');
  await s.addNode('n2');
});
afterEach(() => s[Symbol.asyncDispose]());

const gpu = (name: string, memory: string, fields: Partial<Device> = {}): Device => ({
  name,
  attributes: { model: { string: 'a100' }, numa: { int: 0 } },
  capacity: { memory: { value: memory } },
  ...fields,
});

const addSlice = (nodeName: string, devices: readonly Device[], fields: Partial<ResourceSliceSpec> = {}) =>
  s.plane.client.resource(resourceSlices).create({
    metadata: { name: `${nodeName}-gpus` },
    spec: { driver, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, devices, ...fields },
  } as ResourceSlice);

const addClass = (name = 'gpu', expression = `device.driver == "${driver}"`) =>
  s.plane.client.resource(deviceClasses).create({ metadata: { name }, spec: { selectors: [{ cel: { expression } }] } });

const exactly = (expression?: string): DeviceClaim => ({
  requests: [
    {
      name: 'gpu',
      exactly: { deviceClassName: 'gpu', ...(expression && { selectors: [{ cel: { expression } }] }) },
    },
  ],
});

const addClaim = (name: string, devices: DeviceClaim = exactly()) =>
  s.plane.client.resource(resourceClaims).create({ metadata: { name, namespace: 'default' }, spec: { devices } });
const addTemplate = (name: string, devices: DeviceClaim = exactly()) =>
  s.plane.client
    .resource(resourceClaimTemplates)
    .create({ metadata: { name, namespace: 'default' }, spec: { spec: { devices } } });

const using = (resourceClaimName: string) => ({ resourceClaims: [{ name: 'gpu', resourceClaimName }] });
const fromTemplate = (resourceClaimTemplateName: string) => ({
  resourceClaims: [{ name: 'gpu', resourceClaimTemplateName }],
});
const claimWhen = async (name: string, wanted: (claim: ResourceClaim) => boolean) =>
  (await s.passing(
    s.plane.until(resourceClaims, `default/${name}`, (claim) => claim !== undefined && wanted(claim)),
  )) as ResourceClaim;
const devicesOf = ({ status }: ResourceClaim) =>
  status?.allocation?.devices?.results?.map(({ pool, device }) => `${pool}/${device}`);
const finish = (name: string) =>
  s.plane.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name }, { status: { phase: 'Succeeded' } }, { subresource: 'status' });

const unhelpful =
  'still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';

test('a pod goes to the node with the device its claim asks for, and the claim says so', async () => {
  await addClass();
  await addSlice('n1', [gpu('small', '8Gi')]);
  await addSlice('n2', [gpu('large', '80Gi')]);
  await addClaim('c', exactly(`device.capacity["${driver}"].memory.compareTo(quantity("40Gi")) > 0`));
  const pod = await s.addPod('p', using('c'));
  expect(await s.nodeOf('p')).toBe('n2');
  const claim = await claimWhen('c', ({ status }) => status?.allocation !== undefined);
  expect(devicesOf(claim)).toEqual(['n2/large']);
  expect(claim.status?.allocation?.nodeSelector).toEqual({
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }],
  });
  expect(claim.status?.reservedFor).toEqual([{ resource: 'pods', name: 'p', uid: pod.metadata.uid }]);
  expect(claim.metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection']);
});

describe('a template', () => {
  test('gives every pod a claim of its own, which goes with it', async () => {
    await addClass();
    await addSlice('n1', [gpu('a', '8Gi'), gpu('b', '8Gi')]);
    await addTemplate('one');
    await s.addPod('p1', fromTemplate('one'));
    await s.addPod('p2', fromTemplate('one'));
    expect([await s.nodeOf('p1'), await s.nodeOf('p2')]).toEqual(['n1', 'n1']);
    const claims = s.plane.informers.of(resourceClaims).list('default');
    expect(claims.map(({ metadata }) => metadata.ownerReferences?.[0]?.name).sort()).toEqual(['p1', 'p2']);
    expect(claims.flatMap(devicesOf).sort()).toEqual(['n1/a', 'n1/b']);
    const pod = s.plane.informers.of(pods).get('default/p1');
    const name = pod?.status?.resourceClaimStatuses?.[0]?.resourceClaimName;
    expect(name).toMatch(/^p1-gpu-[a-z0-9]{5}$/);
    await finish('p1');
    await s.passing(s.plane.until(resourceClaims, `default/${name}`, (claim) => claim === undefined));
  });

  test('is waited for', async () => {
    await addClass();
    await addSlice('n1', [gpu('a', '8Gi')]);
    await s.addPod('p', fromTemplate('late'));
    await addTemplate('late');
    expect(await s.nodeOf('p')).toBe('n1');
  });
});

test('devices are never given twice, and go to the next pod when the last user has ended', async () => {
  await addClass();
  await addSlice('n1', [gpu('only', '8Gi')]);
  await Promise.all(['c1', 'c2'].map((name) => addClaim(name)));
  await Promise.all([s.addPod('p1', using('c1')), s.addPod('p2', using('c2'))]);
  const all = await s.passing(
    s.plane.untilAll(pods, (list) => list.some(({ spec }) => spec?.nodeName) && list.some(refused)),
  );
  const waiting = all.find(refused)!;
  expect(messageOf(waiting)).toBe(`0/2 nodes are available: 2 cannot allocate all claims. ${unhelpful}`);
  await finish(waiting.metadata.name === 'p1' ? 'p2' : 'p1');
  expect(await s.nodeOf(waiting.metadata.name!)).toBe('n1');
});

test('of many pods at once each gets a device of its own, until there are none', async () => {
  await addClass();
  const named = (names: string[]) => names.map((name) => gpu(name, '8Gi'));
  await addSlice('n1', named(['a', 'b', 'c']));
  await addSlice('n2', named(['d', 'e']));
  await addTemplate('one');
  const names = Array.from({ length: 8 }, (_, n) => `p${n}`);
  await Promise.all(names.map((name) => s.addPod(name, fromTemplate('one'))));
  const all = await s.passing(
    s.plane.untilAll(
      pods,
      (list) => list.length === 8 && list.every((pod) => pod.spec?.nodeName !== undefined || refused(pod)),
    ),
  );
  expect(all.filter(({ spec }) => spec?.nodeName === 'n1')).toHaveLength(3);
  expect(all.filter(({ spec }) => spec?.nodeName === 'n2')).toHaveLength(2);
  const given = s.plane.informers
    .of(resourceClaims)
    .list('default')
    .flatMap((claim) => devicesOf(claim) ?? []);
  expect(given.sort()).toEqual(['n1/a', 'n1/b', 'n1/c', 'n2/d', 'n2/e']);
});

const messageOf = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
const refused = (pod: Pod) => messageOf(pod) !== undefined;

test('pods share a claim, on the node where its devices are', async () => {
  await addClass();
  await addSlice('n2', [gpu('a', '8Gi')]);
  await addClaim('c');
  await Promise.all(['p1', 'p2', 'p3'].map((name) => s.addPod(name, using('c'))));
  expect(await Promise.all(['p1', 'p2', 'p3'].map((name) => s.nodeOf(name)))).toEqual(['n2', 'n2', 'n2']);
  const claim = await claimWhen('c', ({ status }) => status?.reservedFor?.length === 3);
  expect(devicesOf(claim)).toEqual(['n2/a']);
});

test('an unused claim whose devices are elsewhere is freed for the pod', async () => {
  await addClass();
  await addSlice('n1', [gpu('a', '8Gi')]);
  await addClaim('c');
  const allocation = {
    devices: { results: [{ request: 'gpu', driver: 'old.example.com', pool: 'gone', device: 'x' }] },
    nodeSelector: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['gone'] }] }],
    },
  };
  const key = { namespace: 'default', name: 'c' };
  await s.plane.client.resource(resourceClaims).mergePatch(key, { status: { allocation } }, { subresource: 'status' });
  await s.addPod('p', using('c'));
  expect(await s.nodeOf('p')).toBe('n1');
  expect(s.told).toContain(
    'Warning FailedScheduling: 0/2 nodes are available: 2 resourceclaim not available on the node. deallocation of ResourceClaim completed, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
  expect(devicesOf(await claimWhen('c', ({ status }) => status?.reservedFor?.length === 1))).toEqual(['n1/a']);
});

test('a class that is not there is waited for, and named', async () => {
  await addSlice('n1', [gpu('a', '8Gi')]);
  await addClaim('c');
  await s.addPod('p', using('c'));
  await s.refused(
    'p',
    '0/2 nodes are available: request gpu: device class gpu does not exist. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
  await addClass();
  expect(await s.nodeOf('p')).toBe('n1');
});

test('an expression that fails about a device is told, and the pod tried again', async () => {
  await addClass();
  await addSlice('n1', [gpu('a', '8Gi')]);
  await addClaim('c', exactly(`device.attributes["${driver}"].vendor == "x"`));
  await s.addPod('p', using('c'));
  await s.refused(
    'p',
    'running "DynamicResources" filter plugin: claim default/c: selector #0: CEL runtime error: no such key: vendor',
  );
});

describe('a device that is prepared first', () => {
  const prepared: Partial<Device> = { bindingConditions: ['x.io/attached'], bindingFailureConditions: ['x.io/failed'] };
  const report = (type: string, device: string) => {
    const condition = { type, status: 'True', reason: 'r', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const devices = [{ driver, pool: 'n1', device, conditions: [condition] }];
    const key = { namespace: 'default', name: 'c' };
    return s.plane.client.resource(resourceClaims).mergePatch(key, { status: { devices } }, { subresource: 'status' });
  };

  test('holds the pod back until it is', async () => {
    await addClass();
    await addSlice('n1', [gpu('a', '8Gi', prepared)]);
    await addClaim('c');
    await s.addPod('p', using('c'));
    await claimWhen('c', ({ status }) => status?.reservedFor?.length === 1);
    expect(s.plane.informers.of(pods).get('default/p')?.spec?.nodeName).toBeUndefined();
    await report('x.io/attached', 'a');
    expect(await s.nodeOf('p')).toBe('n1');
  });

  test('is given up for another when it fails', async () => {
    await addClass();
    await addSlice('n1', [gpu('a', '8Gi', prepared)]);
    await addClaim('c');
    await s.addPod('p', using('c'));
    await claimWhen('c', ({ status }) => status?.reservedFor?.length === 1);
    // The driver has no use for the device any more.
    await s.plane.client.resource(resourceSlices).delete({ name: 'n1-gpus' });
    await addSlice('n2', [gpu('b', '8Gi')]);
    await report('x.io/failed', 'a');
    expect(await s.nodeOf('p')).toBe('n2');
    expect(s.told).toContain(
      'Warning FailedScheduling: 0/1 nodes are available: 1 resource claim default/c: device gpu.example.com/n1/a could not be prepared: x.io/failed.',
    );
  });
});

describe('devices for extended resources', () => {
  const resource = 'example.com/gpu';
  const asking = { containers: [{ name: 'app', image: 'app', resources: { limits: { [resource]: '1' } } }] };
  const addExtended = () =>
    s.plane.client.resource(deviceClasses).create({
      metadata: { name: 'gpu' },
      spec: { selectors: [{ cel: { expression: 'true' } }], extendedResourceName: resource },
    });

  test('are given to pods that ask for the resource, by a claim that goes with them', async () => {
    await addExtended();
    await addSlice('n2', [gpu('a', '8Gi')]);
    await s.addPod('p', asking);
    expect(await s.nodeOf('p')).toBe('n2');
    const status = s.plane.informers.of(pods).get('default/p')?.status?.extendedResourceClaimStatus;
    expect(status?.requestMappings).toEqual([
      { containerName: 'app', resourceName: resource, requestName: 'container-0-request-0' },
    ]);
    const name = status!.resourceClaimName;
    expect(name).toMatch(/^p-extended-resources-/);
    const claim = await claimWhen(name, () => true);
    expect(devicesOf(claim)).toEqual(['n2/a']);
    expect(claim.metadata.annotations).toEqual({ 'resource.kubernetes.io/extended-resource-claim': 'true' });

    await s.addPod('next', asking);
    await s.podWhen('next', refused);
    await finish('p');
    expect(await s.nodeOf('next')).toBe('n2');
    await s.passing(s.plane.until(resourceClaims, `default/${name}`, (one) => one === undefined));
  });

  test('come into question where nodes have none of their own', async () => {
    const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '110', [resource]: '1' } };
    await s.plane.client.resource(nodes).mergePatch({ name: 'n1' }, { status }, { subresource: 'status' });
    await addExtended();
    await addSlice('n2', [gpu('a', '8Gi')]);
    await s.addPod('p', asking);
    await s.addPod('q', asking);
    expect([await s.nodeOf('p'), await s.nodeOf('q')].sort()).toEqual(['n1', 'n2']);
    const claims = s.plane.informers.of(resourceClaims).list('default');
    expect(claims.flatMap(devicesOf)).toEqual(['n2/a']);
  });

  test('are waited for', async () => {
    await addSlice('n2', [gpu('a', '8Gi')]);
    await s.addPod('p', asking);
    await s.refused(
      'p',
      '0/2 nodes are available: 2 Insufficient example.com/gpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    );
    await addExtended();
    expect(await s.nodeOf('p')).toBe('n2');
  });
});
