import { expect, test } from 'vitest';
import { thaw } from '../../../../src/api/object.ts';
import { AvailabilityController } from '../../../../src/apiserver/aggregation/availability-controller.ts';
import { AvailabilityMetrics } from '../../../../src/apiserver/aggregation/availability-metrics.ts';
import { ForeignApis } from '../../../../src/apiserver/aggregation/foreign-apis.ts';
import { ManualClock } from '../../../../src/base/clock.ts';
import { SystemIds } from '../../../../src/base/ids.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Call, Transport } from '../../../../src/client/call.ts';
import { createMemoryStore } from '../../../../src/store/memory-store.ts';
import type { Entry } from '../../../../src/store/store.ts';

const storage = 'apiservices.apiregistration.k8s.io';
const name = 'v1.x.org';
const key = { resource: storage, namespace: '', name };

/** A store with one APIService of an external Service, and a controller that asks what it is given. */
function controlled() {
  const clock = new ManualClock();
  const store = createMemoryStore({ clock, ids: new SystemIds() });
  const apis = new ForeignApis(store);
  const said: string[] = [];
  const waiting: (() => void)[] = [];
  const probe = { asked: 0, failure: undefined as string | undefined };
  const transport = {
    call: async ({ object }: Call) => {
      const { metadata, status } = object as Entry['object'] & { status: { conditions: { reason: string }[] } };
      said.push(status.conditions[0]!.reason);
      const { revision } = store.head(key)!;
      await store.update(key, thaw({ ...(object as Entry['object']), metadata }), revision);
      return object;
    },
  } as unknown as Transport;
  const controller = new AvailabilityController({
    store,
    apis,
    metrics: new AvailabilityMetrics(apis),
    clock,
    log: silentLogger,
    transport: () => transport,
    probe: async () => {
      probe.asked++;
      for (const wake of waiting.splice(0)) wake();
      if (probe.failure) throw new Error(probe.failure);
    },
  });
  const abort = new AbortController();
  const running = controller.run(abort.signal);
  return {
    clock,
    store,
    said,
    probe,
    asked: (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = () => (probe.asked >= count ? resolve() : void waiting.push(look));
        look();
      }),
    register: async () => {
      await store.create({ resource: 'services', namespace: 'ns', name: 'adapter' }, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'adapter', namespace: 'ns' },
        spec: { type: 'ExternalName' },
      } as never);
      const service = { namespace: 'ns', name: 'adapter' };
      const spec = { group: 'x.org', version: 'v1', service };
      await store.create(key, {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name },
        spec,
      } as never);
    },
    end: async () => {
      abort.abort();
      await running;
      apis.close();
      await store.close();
    },
  };
}

/** Lets what is under way come to rest. */
const rest = async () => {
  for (let i = 0; i < 10; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

test('a server that answers is asked again every half minute, and said to be there once', async () => {
  const c = controlled();
  await c.register();
  await c.asked(1);
  await rest();
  await c.clock.advance(29_999);
  await rest();
  expect(c.probe.asked).toBe(1);
  await c.clock.advance(1);
  await c.asked(2);
  await rest();
  expect(c.said).toEqual(['Passed']);
  await c.end();
});

test('one that does not is asked again ever more rarely, until it does', async () => {
  const c = controlled();
  c.probe.failure = 'no';
  await c.register();
  await c.asked(1);
  for (const [i, delay] of [5, 10, 20, 40].entries()) {
    await rest();
    await c.clock.advance(delay - 1);
    await rest();
    expect(c.probe.asked).toBe(i + 1);
    await c.clock.advance(1);
    await c.asked(i + 2);
  }
  c.probe.failure = undefined;
  await rest();
  await c.clock.advance(80);
  await c.asked(6);
  await rest();
  expect(c.said).toEqual(['FailedDiscoveryCheck', 'Passed']);
  await c.end();
});

test('without a server nobody watches Services', async () => {
  const c = controlled();
  await c.register();
  await c.asked(1);
  await rest();
  const service = { resource: 'services', namespace: 'ns', name: 'adapter' };
  const touch = async (label: string) => {
    const { object, revision } = c.store.head(service)!;
    const metadata = { ...object.metadata, labels: { label } };
    await c.store.update(service, thaw({ ...object, metadata }), revision);
    await rest();
  };
  await touch('a');
  expect(c.probe.asked).toBe(2);
  await c.store.delete(key, c.store.head(key)!.revision);
  await rest();
  await touch('b');
  expect(c.probe.asked).toBe(2);
  await c.end();
});
