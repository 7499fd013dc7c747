import { expect, test } from 'vitest';
import {
  deviceTaintRules,
  resourcePoolStatusRequests as requestsRef,
  resourceClaims,
  resourceSlices,
} from '../../../src/api/kinds.gen.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import type { ResourcePoolStatusRequest } from '../../../src/api/types/resource-v1alpha3.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const on = { apis: servedApis({ runtimeConfig: { 'api/all': true } }) };
const driver = 'gpu.example.com';

const addSlice = (plane: ControlPlane, pool: string, devices: object[], fields: object = {}) =>
  plane.client.resource(resourceSlices).create({
    metadata: { name: `${pool}-slice` },
    spec: { driver, nodeName: pool, pool: { name: pool, generation: 1, resourceSliceCount: 1 }, devices, ...fields },
  } as never);

async function useDevice(plane: ControlPlane, pool: string, device: string): Promise<void> {
  const claims = plane.client.resource(resourceClaims);
  const requests = [{ name: 'r', exactly: { deviceClassName: 'gpu' } }];
  const metadata = { name: `${pool}-${device}`, namespace: 'default' };
  const made = await claims.create({ metadata, spec: { devices: { requests } } } as never);
  const results = [{ request: 'r', driver, pool, device }];
  await claims.updateStatus({ ...made, status: { allocation: { devices: { results } } } } as never);
}

const ask = (plane: ControlPlane, name: string, spec: object = {}) =>
  plane.client.resource(requestsRef).create({ metadata: { name }, spec: { driver, ...spec } });
const answered = (plane: ControlPlane, name: string) =>
  plane.until(requestsRef, name, (one) => one?.status !== undefined) as Promise<ResourcePoolStatusRequest>;

test('says of each pool of a driver how many devices it has, and how many are free', async () => {
  await using plane = await controlPlane({ server: on, pods: false });
  const taints = [{ key: 'broken', effect: 'NoSchedule' }];
  await addSlice(plane, 'n1', [{ name: 'a' }, { name: 'b' }, { name: 'c', taints }]);
  await addSlice(plane, 'n2', [{ name: 'a' }]);
  await useDevice(plane, 'n1', 'a');
  await plane.client.resource(deviceTaintRules).create({
    metadata: { name: 'r' },
    spec: { deviceSelector: { pool: 'n2' }, taint: { key: 'broken', effect: 'NoExecute' } },
  });
  await ask(plane, 'all');
  const { spec, status } = await answered(plane, 'all');
  expect(spec.limit).toBe(100);
  expect(status).toMatchObject({
    poolCount: 2,
    pools: [
      {
        poolName: 'n1',
        nodeName: 'n1',
        resourceSliceCount: 1,
        totalDevices: 3,
        allocatedDevices: 1,
        availableDevices: 1,
        unavailableDevices: 1,
      },
      { poolName: 'n2', totalDevices: 1, allocatedDevices: 0, availableDevices: 0, unavailableDevices: 1 },
    ],
    conditions: [
      { type: 'Complete', status: 'True', reason: 'CalculationComplete', message: 'Calculated status for 2 pools' },
    ],
  });
  await ask(plane, 'one', { poolName: 'n2' });
  expect((await answered(plane, 'one')).status).toMatchObject({ poolCount: 1, pools: [{ poolName: 'n2' }] });
  await ask(plane, 'few', { limit: 1 });
  expect((await answered(plane, 'few')).status).toMatchObject({ poolCount: 2, pools: [{ poolName: 'n1' }] });
  await ask(plane, 'none', { driver: 'other.example.com' });
  expect((await answered(plane, 'none')).status).toMatchObject({ poolCount: 0 });
});

test('a driver that is just publishing its devices is given a little time; answers go after an hour', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock, server: on, pods: false });
  await addSlice(plane, 'n1', [{ name: 'a' }], { pool: { name: 'n1', generation: 3, resourceSliceCount: 2 } });
  await ask(plane, 'r');
  const current = () => plane.informers.of(requestsRef).get('r');
  while (!current()?.status) await clock.advance(1000);
  expect(current()!.status).toMatchObject({
    poolCount: 1,
    pools: [
      {
        poolName: 'n1',
        generation: 3,
        validationError: `PoolIncomplete: pool ${driver}/n1 is incomplete: observed 1/2 slices at generation 3`,
      },
    ],
    conditions: [{ message: 'Calculated status for 1 pools (1 incomplete)' }],
  });
  await clock.advance(59 * 60_000);
  expect(current()).toBeDefined();
  while (current()) await clock.advance(60_000);
});

test('requests are checked, and answered once', async () => {
  await using plane = await controlPlane({
    server: on,
    pods: false,
    disabled: ['resourcepoolstatusrequest-controller'],
  });
  await expect(ask(plane, 'bad', { driver: 'a_', poolName: '', limit: 0 })).rejects.toMatchObject({
    status: {
      details: {
        causes: [
          { field: 'spec.driver' },
          { field: 'spec.poolName', message: 'Required value' },
          { field: 'spec.limit', message: 'Invalid value: 0: must be greater than or equal to 1' },
        ],
      },
    },
  });
  const made = await ask(plane, 'r');
  expect(made).not.toHaveProperty('status');
  const resource = plane.client.resource(requestsRef);
  await expect(resource.update({ ...made, spec: { driver: 'other.example.com' } })).rejects.toMatchObject({
    message: expect.stringContaining('field is immutable'),
  });
  const pool = { driver, poolName: 'n1', generation: -1, resourceSliceCount: 0, totalDevices: -1 };
  await expect(resource.updateStatus({ ...made, status: { pools: [pool] } as never })).rejects.toMatchObject({
    status: {
      details: {
        causes: [
          { field: 'status.poolCount', message: 'Required value' },
          { field: 'status.pools[0].generation' },
          { field: 'status.pools[0].resourceSliceCount' },
          { field: 'status.pools[0].totalDevices' },
        ],
      },
    },
  });
  const done = await resource.updateStatus({ ...made, status: { poolCount: 0 } });
  await expect(resource.updateStatus({ ...done, status: { poolCount: 1 } })).rejects.toMatchObject({
    message: expect.stringContaining('status: Invalid value'),
  });
});
