import { expect, test } from 'vitest';
import { internalError } from '../../../src/api/status.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { Scope } from '../../../src/base/scope.ts';
import { keepObjects, settle } from '../../../src/cluster/bootstrap/keep.ts';
import { apiServer } from '../../kit/api-server.ts';

test('`kubectl delete all --all` takes the Service "kubernetes" away for ten seconds only', async () => {
  await using api = await apiServer();
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: { ports: [{ port: 443 }] },
  };
  await api.call('create', 'services', { object: structuredClone(service) });
  const clock = new ManualClock();
  const abort = new AbortController();
  const kept = keepObjects(
    {
      transport: api.transport,
      resourceOf: () => ({ group: '', version: 'v1', resource: 'services' }),
      clock,
      log: silentLogger,
      kept: () => [{ objects: [service], mode: 'own' }],
    },
    abort.signal,
  );
  const watch = await api.watch('services');
  await watch.until(1);
  await api.call('delete', 'services', { name: 'kubernetes' });
  await clock.advance(9_999);
  expect((await api.list('services')).items).toEqual([]);
  await clock.advance(1);
  expect((await watch.until(3)).map((event) => event.type)).toEqual(['ADDED', 'DELETED', 'ADDED']);
  watch.close();
  abort.abort();
  await kept;
});

test('what is refused at a start is tried again until it is done; what is wrong with krill itself is not', async () => {
  const clock = new ManualClock();
  const scope = new Scope(() => {});
  const parts = { scope, clock, log: silentLogger };
  let tries = 0;
  await settle(parts, 'roles', async () => {
    if (++tries < 3) throw internalError('failed calling webhook');
  });
  for (const expected of [1, 2, 3, 3]) {
    expect(tries).toBe(expected);
    await clock.advance(10_000);
  }
  await expect(settle(parts, 'roles', () => Promise.reject(new TypeError('oops')))).rejects.toThrow('oops');
  await scope.close();
});
