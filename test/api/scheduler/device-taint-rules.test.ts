import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceClasses, deviceTaintRules, pods, resourceClaims, resourceSlices } from '../../../src/api/kinds.gen.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import type { DeviceTaintRule, DeviceTaintRuleSpec } from '../../../src/api/types/resource-v1beta2.gen.ts';
import { type Scheduled, scheduled } from '../../kit/scheduled.ts';

/** Scheduler and controllers where DeviceTaintRules are switched on: two nodes with a device each. */
let s: Scheduled;

const driver = 'gpu.example.com';
const on = { apis: servedApis({ runtimeConfig: { 'resource.k8s.io/v1beta2': true } }) };

beforeEach(async () => {
  s = await scheduled({ server: on });
  await s.plane.client
    .resource(deviceClasses)
    .create({ metadata: { name: 'gpu' }, spec: { selectors: [{ cel: { expression: 'true' } }] } });
  for (const nodeName of ['n1', 'n2']) {
    await s.addNode(nodeName);
    await s.plane.client.resource(resourceSlices).create({
      metadata: { name: nodeName },
      spec: {
        driver,
        nodeName,
        pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'gpu-0' }],
      },
    });
  }
});
afterEach(() => s[Symbol.asyncDispose]());

const rules = () => s.plane.client.resource(deviceTaintRules);
const addRule = (name: string, spec: Partial<DeviceTaintRuleSpec> & Pick<DeviceTaintRuleSpec, 'taint'>) =>
  rules().create({ metadata: { name }, spec: { deviceSelector: { driver }, ...spec } });
const taint = (effect: 'NoExecute' | 'NoSchedule' | 'None') => ({ key: 'example.com/broken', effect });

async function addPod(name: string, tolerations: object[] = []) {
  const requests = [{ name: 'gpu', exactly: { deviceClassName: 'gpu', tolerations } }];
  await s.plane.client
    .resource(resourceClaims)
    .create({ metadata: { name, namespace: 'default' }, spec: { devices: { requests } } as never });
  await s.addPod(name, { resourceClaims: [{ name: 'gpu', resourceClaimName: name }] });
}

const refused = (name: string) =>
  s.podWhen(name, ({ status }) =>
    (status?.conditions ?? []).some(({ message }) => /2 cannot allocate all claims/.test(message ?? '')),
  );
const conditionOf = (rule: DeviceTaintRule | undefined) => rule?.status?.conditions?.[0];
const told = (name: string, message: RegExp) =>
  s.passing(s.plane.until(deviceTaintRules, name, (rule) => message.test(conditionOf(rule)?.message ?? '')));

describe('a rule that keeps pods from devices', () => {
  test('leaves those of other pools, and lets go of them when it is gone', async () => {
    await addRule('n1', { deviceSelector: { driver, pool: 'n1' }, taint: taint('NoSchedule') });
    await addPod('a');
    expect(await s.nodeOf('a')).toBe('n2');
    await addPod('b');
    await refused('b');
    await rules().delete({ name: 'n1' });
    expect(await s.nodeOf('b')).toBe('n1');
  });

  test('does not keep those that tolerate it; without a selector it keeps nobody', async () => {
    await addRule('none', { deviceSelector: null as never, taint: taint('NoSchedule') });
    await addPod('a');
    expect(await s.nodeOf('a')).toMatch(/^n/);
    await addRule('all', { deviceSelector: {}, taint: taint('NoSchedule') });
    await addPod('b');
    await refused('b');
    await addPod('c', [{ key: 'example.com/broken', operator: 'Exists' }]);
    expect(await s.nodeOf('c')).toMatch(/^n/);
  });
});

describe('a rule that drives pods out', () => {
  test('does so, and says how many', async () => {
    await addPod('a');
    await addPod('b', [{ key: 'example.com/broken', operator: 'Exists', effect: 'NoExecute' }]);
    const [a, b] = [await s.nodeOf('a'), await s.nodeOf('b')];
    expect([a, b].toSorted()).toEqual(['n1', 'n2']);
    await addRule('out', { taint: taint('NoExecute') });
    await s.passing(s.plane.until(pods, 'default/a', (pod) => pod === undefined || !!pod.metadata.deletionTimestamp));
    const rule = await told('out', /^1 pod evicted since starting the controller\.$/);
    expect(conditionOf(rule)).toMatchObject({ type: 'EvictionInProgress', status: 'False', reason: 'Completed' });
    expect(s.plane.informers.of(pods).get('default/b')?.metadata.deletionTimestamp).toBeUndefined();
  });

  test('waits as long as they stand it, and is called off', async () => {
    const stands = { key: 'example.com/broken', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3600 };
    await addPod('a', [stands]);
    await s.nodeOf('a');
    await addRule('out', { taint: taint('NoExecute') });
    const rule = await told('out', /needs/);
    expect(conditionOf(rule)).toMatchObject({
      status: 'True',
      reason: 'PodsPendingEviction',
      message: '1 pod needs to be evicted in 1 namespace. 0 pods evicted since starting the controller.',
    });
    await rules().mergePatch({ name: 'out' }, { spec: { taint: { effect: 'NoSchedule' } } });
    await told('out', /^0 pods evicted/);
    await s.clock.advance(3_700_000);
    expect(s.plane.informers.of(pods).get('default/a')?.metadata.deletionTimestamp).toBeUndefined();
  });

  test('can be tried without effect: it says once what it would do', async () => {
    await addPod('a');
    await s.nodeOf('a');
    await s.passing(s.plane.until(resourceClaims, 'default/a', (claim) => claim?.status?.reservedFor?.length === 1));
    await addRule('try', { taint: taint('None') });
    const rule = await told('try', /published/);
    expect(conditionOf(rule)).toMatchObject({
      status: 'False',
      reason: 'NoEffect',
      message:
        '2 published devices selected. 1 allocated device selected. ' +
        '1 pod would be evicted in 1 namespace if the effect was NoExecute. ' +
        'This information will not be updated again. Recreate the DeviceTaintRule to trigger an update.',
    });
    await addPod('b');
    await s.nodeOf('b');
    await s.clock.advance(10_000);
    expect(conditionOf(s.plane.informers.of(deviceTaintRules).get('try'))).toEqual(conditionOf(rule));
  });
});

test('the time of a taint is of when its effect became what it is', async () => {
  const made = await addRule('r', { taint: taint('NoSchedule') });
  expect(made.spec.taint.timeAdded).toBeDefined();
  await s.clock.advance(60_000);
  const sameEffect = await rules().mergePatch({ name: 'r' }, { spec: { taint: { value: 'yes' } } });
  expect(sameEffect.spec.taint.timeAdded).toBe(made.spec.taint.timeAdded);
  const other = await rules().mergePatch({ name: 'r' }, { spec: { taint: { effect: 'NoExecute' } } });
  expect(Date.parse(other.spec.taint.timeAdded!)).toBeGreaterThanOrEqual(
    Date.parse(made.spec.taint.timeAdded!) + 60_000,
  );
  expect(other.metadata.generation).toBe(3);
  const bad = addRule('bad', {
    deviceSelector: { driver: 'a_', pool: '', device: 'a.b' },
    taint: { key: '', effect: 'X' as never },
  });
  await expect(bad).rejects.toMatchObject({
    status: {
      details: {
        causes: [
          { field: 'spec.deviceSelector.driver' },
          { field: 'spec.deviceSelector.pool', message: 'Required value' },
          { field: 'spec.deviceSelector.device', message: 'Invalid value: "a.b": must not contain dots' },
          { field: 'spec.taint.key', message: 'Invalid value: "": name part must be non-empty' },
          { field: 'spec.taint.key' },
          {
            field: 'spec.taint.effect',
            message: 'Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "None"',
          },
        ],
      },
    },
  });
});
