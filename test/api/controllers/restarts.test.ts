import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { configMaps } from '../../../src/api/kinds.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { createLogger } from '../../../src/base/log.ts';
import { Informers } from '../../../src/client/informers.ts';
import type { ControllerDescriptor } from '../../../src/controllers/controller.ts';
import { createControllers } from '../../../src/controllers/manager.ts';
import { managerUser } from '../../../src/controllers/users.ts';
import { bootstrapRbac } from '../../../src/resources/rbac/bootstrap-roles.ts';
import { apiServer } from '../../kit/api-server.ts';

test('a controller that fails is started anew, hears of every change once, and stops no other', async () => {
  const clock = new ManualClock();
  const ids = new SystemIds();
  await using api = await apiServer();
  for (const object of bootstrapRbac.filter(({ kind }) => kind.startsWith('Cluster')))
    await api.call('create', `rbac.authorization.k8s.io/v1/${object.kind.toLowerCase()}s`, { namespace: '', object });
  const failures: string[] = [];
  const log = createLogger(clock, ({ message }) => void failures.push(message));
  const informers = new Informers(api.server.transport(managerUser), { clock, ids, log });
  const heard: string[] = [];
  let attempts = 0;
  const listening = (name: string, fails: boolean): ControllerDescriptor => ({
    name,
    account: name,
    build(context) {
      context.informers.of(configMaps).on({ added: ({ metadata }) => void heard.push(`${name} ${metadata.name}`) });
      return {
        run: async (signal) => {
          if (fails && attempts++ < 2) throw new Error('broken');
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        },
      };
    },
  });
  const stop = new AbortController();
  const env = { transportFor: api.server.transport.bind(api.server), informers, clock, ids, log, caPem: '' };
  const list = [listening('bad', true), listening('good', false)];
  const ended = Promise.all([
    createControllers({ ...env, podCIDR: '10.244.0.0/16' }, list).run(stop.signal),
    informers.run(stop.signal),
  ]);
  await informers.of(configMaps).whenSynced(stop.signal);
  await clock.advance(2_000);
  await clock.advance(4_000);
  expect({ attempts, failures }).toEqual({ attempts: 3, failures: ['controller failed', 'controller failed'] });
  const { metadata } = await api.call('create', 'configmaps', { object: { metadata: { name: 'c' } } });
  await informers.of(configMaps).seen(metadata.resourceVersion!, stop.signal);
  await setImmediate();
  expect(heard).toEqual(['good c', 'bad c']);
  stop.abort();
  await ended;
});
