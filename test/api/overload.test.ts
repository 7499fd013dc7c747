import { connect, constants } from 'node:http2';
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { apiServer } from '../kit/api-server.ts';
import { httpsApi } from '../kit/https-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';

test('a client that opens and resets streams without end loses its connection, and nobody else notices', async () => {
  await using server = await httpsApi();
  const session = connect(`https://127.0.0.1:${server.port}`, { ca: server.ca, ...server.admin });
  session.on('error', () => {});
  const closed = new Promise<string>((done) => session.on('close', () => done('closed')));
  await new Promise((done) => session.once('connect', done));
  const flood = async () => {
    for (let round = 0; round < 400 && !session.destroyed && !session.closed; round++) {
      for (let i = 0; i < 50 && !session.destroyed && !session.closed; i++) {
        const stream = session.request({ ':path': maps });
        stream.on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      await new Promise(setImmediate);
    }
    return session.destroyed || session.closed ? closed : 'still open';
  };
  expect(await flood()).toBe('closed');
  expect((await server.ask(maps)).code).toBe(200);
});

test('more writes at once than there are places get 429 and can come back', async () => {
  // A write that never becomes durable holds its place.
  const store = createMemoryStore();
  const create = store.create.bind(store);
  let stuck = false;
  store.create = (key, object, options) => (stuck ? new Promise(() => {}) : create(key, object, options));
  await using server = await httpsApi({ store });
  stuck = true;
  const writes = Array.from({ length: 230 }, (_, i) => server.post(maps, { metadata: { name: `w${i}` } }));
  for (const write of writes) write.catch(() => undefined);
  // Only those beyond the limit are ever answered.
  const refused = await Promise.race(writes);
  expect(refused.headers['retry-after']).toBe('1');
  expect(refused.json).toMatchObject({ reason: 'TooManyRequests', code: 429 });
  expect((await server.ask(maps)).code).toBe(200);
});

test('bookmarks come about each minute while there is something to say, and the watch ends in time', async () => {
  const clock = new ManualClock();
  await using api = await apiServer({ clock });
  const log = await api.watch('configmaps', {
    allowWatchBookmarks: true,
    timeoutSeconds: 200,
    resourceVersion: String(api.store.revision),
  });
  await api.call('create', 'secrets', { object: { metadata: { name: 's' } } });
  await clock.advance(60_000);
  expect(log.events.map((e) => e.type)).toEqual(['BOOKMARK']);
  expect((log.events[0]!.object as { metadata: { resourceVersion: string } }).metadata.resourceVersion).toBe(
    String(api.store.revision),
  );
  await clock.advance(60_000);
  expect(log.events).toHaveLength(1);
  await clock.advance(90_000);
  expect([log.ended, log.error]).toEqual([true, undefined]);
});
