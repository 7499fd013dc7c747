import { request as httpsRequest } from 'node:https';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { KubeObject } from '../../src/api/object.ts';
import { ManualClock } from '../../src/base/clock.ts';
import type { WatchEvent } from '../../src/client/call.ts';
import { apiServer } from '../kit/api-server.ts';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { eventReader } from '../kit/protobuf.ts';

const configMap = (name: string, data: Record<string, string> = {}) => ({ metadata: { name }, data });
const shown = (events: readonly WatchEvent[]) =>
  events.map(({ type, object }) => `${type} ${(object as KubeObject).metadata.name ?? ''}`.trim());
const endsInitial = { 'k8s.io/initial-events-end': 'true' };

test.each([
  ['no revision', {}, ['ADDED a', 'BOOKMARK', 'ADDED b']],
  ['revision 0', { resourceVersion: '0' }, ['ADDED a', 'BOOKMARK', 'ADDED b']],
  [
    'initial events',
    { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', resourceVersion: '2' },
    ['ADDED a', 'BOOKMARK', 'ADDED b'],
  ],
  ['no initial events', { sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' }, ['ADDED b']],
  [
    'no initial events from revision 0',
    { sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan', resourceVersion: '0' },
    ['ADDED b'],
  ],
] as const)('a watch with %s begins where it should', async (_what, options, expected) => {
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: configMap('a') });
  const log = await api.watch('configmaps', { ...options, allowWatchBookmarks: true });
  const revision = String(api.store.revision);
  if (expected.length > 1) await log.until(2);
  await api.call('create', 'configmaps', { object: configMap('b') });
  expect(shown(await log.until(expected.length))).toEqual(expected);
  const bookmark = log.events.find((event) => event.type === 'BOOKMARK');
  if (bookmark)
    expect(bookmark.object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: revision, annotations: endsInitial },
    });
  log.close();
});

test('bookmarks are for who allows them: none ends the state otherwise', async () => {
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: configMap('a') });
  const log = await api.watch('configmaps', { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' });
  await log.until(1);
  await api.call('create', 'configmaps', { object: configMap('b') });
  expect(shown(await log.until(2))).toEqual(['ADDED a', 'ADDED b']);
  log.close();
});

test('a watch is told once a minute how far it is, and once more when its time is over', async () => {
  const clock = new ManualClock();
  await using api = await apiServer({ clock });
  const since = String(api.store.revision);
  const log = await api.watch('configmaps', { resourceVersion: since, allowWatchBookmarks: true, timeoutSeconds: 100 });
  await new Promise(setImmediate);
  await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name: 'foreign' } } });
  const minute = String(api.store.revision);
  clock.advance(61_000);
  expect((await log.until(1))[0]).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { resourceVersion: minute } },
  });
  await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name: 'more' } } });
  clock.advance(40_000);
  expect((await log.until(2))[1]).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { resourceVersion: String(api.store.revision) } },
  });
  expect([log.ended, log.error]).toEqual([true, undefined]);
});

const podOn = (name: string, nodeName?: string) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...(nodeName && { nodeName }) },
});

test('a field that is watched is seen coming and going, whichever it is', async () => {
  await using api = await apiServer();
  const since = String(api.store.revision);
  const of = (fieldSelector: string) => api.watch('pods', { fieldSelector, resourceVersion: since });
  const [unbound, running, policy] = [
    await of('spec.nodeName='),
    await of('status.phase=Running'),
    await of('spec.restartPolicy=Never,status.phase!=Failed'),
  ];
  const named = await api.watch(
    'pods',
    { fieldSelector: 'metadata.name=p', resourceVersion: since },
    { namespace: '' },
  );
  await api.call('create', 'pods', { object: podOn('p') });
  await api.call('create', 'pods', { object: podOn('bound', 'n1') });
  const patch = (body: object, subresource?: string) =>
    api.call('patch', 'pods', { name: 'p', ...(subresource && { subresource }), patch: { type: 'merge', body } });
  await api.call('create', 'pods', {
    name: 'p',
    subresource: 'binding',
    object: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } },
  });
  await patch({ status: { phase: 'Running' } }, 'status');
  await patch({ status: { phase: 'Succeeded' } }, 'status');
  await api.call('create', 'pods', { object: { ...podOn('q'), spec: { ...podOn('q').spec, restartPolicy: 'Never' } } });
  expect(shown(await unbound.until(3))).toEqual(['ADDED p', 'DELETED p', 'ADDED q']);
  expect(shown(await running.until(2))).toEqual(['ADDED p', 'DELETED p']);
  expect(shown(await policy.until(1))).toEqual(['ADDED q']);
  expect(shown(await named.until(4))).toEqual(['ADDED p', 'MODIFIED p', 'MODIFIED p', 'MODIFIED p']);
  for (const log of [unbound, running, policy, named]) log.close();
});

test('a watch of one object takes no selector of another', async () => {
  await using server = await httpsApi();
  const path = '/api/v1/namespaces/default/configmaps/a?watch=1&fieldSelector=metadata.name%3Db';
  const answer = await server.ask(path);
  expect([answer.code, answer.json.message]).toEqual([400, "fieldSelector metadata.name doesn't match requested name"]);
});

test('a client that reads slowly gets a large state whole, at its own pace', async () => {
  await using server = await httpsApi();
  const big = 'x'.repeat(100_000);
  const count = 300;
  for (let i = 0; i < count; i++)
    await server.api.call('create', 'configmaps', { object: configMap(`big${i}`, { big }) });
  const path = '/api/v1/namespaces/default/configmaps?watch=1&allowWatchBookmarks=true';
  const text = await new Promise<string>((resolve, reject) => {
    const request = httpsRequest(
      { host: '127.0.0.1', port: server.port, path, ca: server.ca, ...server.admin },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.pause();
        // Nothing is read at first.
        setImmediate(() => answer.resume());
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          if (!chunks.slice(-2).join('').includes('"BOOKMARK"') || chunk.at(-1) !== 0x0a) return;
          request.destroy();
          resolve(Buffer.concat(chunks).toString());
        });
        answer.on('error', reject);
        answer.on('end', () => reject(new Error('the watch was cut off')));
      },
    );
    request.on('error', reject);
    request.end();
  });
  const types = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types).toEqual([...Array.from({ length: count }, () => 'ADDED'), 'BOOKMARK']);
});

/** The messages of a watch over a WebSocket. */
function socketWatch(server: HttpsApi, path: string, headers: Record<string, string> = {}) {
  const messages: { text: string; bytes: Buffer; binary: boolean }[] = [];
  const waiting: (() => void)[] = [];
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${path}`, { ca: server.ca, headers, ...server.admin });
  const wake = () => {
    for (const done of waiting.splice(0)) done();
  };
  socket.on('message', (data: Buffer, binary) => {
    messages.push({ text: data.toString(), bytes: data, binary });
    wake();
  });
  socket.on('close', wake);
  socket.on('error', wake);
  return {
    socket,
    until: async (count: number) => {
      while (messages.length < count) await new Promise<void>((done) => waiting.push(done));
      return messages;
    },
  };
}

test('a watch over a WebSocket sends one message per event, in text or protobuf', async () => {
  await using server = await httpsApi();
  const path = '/api/v1/namespaces/default/configmaps?watch=1';
  const text = socketWatch(server, path);
  const protobuf = socketWatch(server, path, { accept: 'application/vnd.kubernetes.protobuf;stream=watch' });
  await Promise.all([text, protobuf].map(({ socket }) => new Promise((open) => socket.once('open', open))));
  await server.api.call('create', 'configmaps', { object: configMap('a') });
  const [line] = await text.until(1);
  expect([line!.binary, JSON.parse(line!.text)]).toMatchObject([
    false,
    { type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'a' } } },
  ]);
  const [message] = await protobuf.until(1);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message!.bytes.length);
  const [event] = eventReader()(Buffer.concat([length, message!.bytes]));
  expect([message!.binary, event!.type, event!.object.metadata.name]).toEqual([true, 'ADDED', 'a']);
  await server.api.store.compact(server.api.store.revision);
  const late = socketWatch(server, `${path}&resourceVersion=1`);
  expect(JSON.parse((await late.until(1))[0]!.text)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  await new Promise((done) => late.socket.once('close', done));
  for (const { socket } of [text, protobuf]) socket.terminate();
});
