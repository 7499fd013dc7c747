import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { GoReflector, keyOf, type ReflectorSource } from '../kit/go-reflector.ts';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { type Answered, readProtobuf } from '../kit/protobuf.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const as = (kind: string) => `${protobuf};as=${kind};g=meta.k8s.io;v=v1`;
const whole = { list: `${protobuf},application/json`, watch: `${protobuf};stream=watch,application/json;stream=watch` };
const metadataOnly = { list: as('PartialObjectMetadataList'), watch: as('PartialObjectMetadata') };

const everywhere = '/api/v1/configmaps';
const sources: Readonly<Record<string, ReflectorSource>> = {
  'list and watch': { path: everywhere, accept: whole },
  'list and watch, by label': { path: everywhere, selector: 'labelSelector=tier%3Dweb', accept: whole },
  'watch list': { path: everywhere, watchList: true, accept: whole },
  'watch list, by label, of one namespace': {
    path: '/api/v1/namespaces/even/configmaps',
    selector: 'labelSelector=tier+in+(web,db)',
    watchList: true,
    accept: whole,
  },
  'metadata alone': { path: everywhere, accept: metadataOnly },
  'one name': { path: everywhere, selector: 'fieldSelector=metadata.name%3Dc7', accept: whole },
};

/** Numbers below `n`, the same ones each time. */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const tiers = ['web', 'db', undefined];

/** One write at random to one of 300 objects: made, changed, labelled anew or deleted. */
function writer({ api }: HttpsApi, roll: (n: number) => number): () => Promise<unknown> {
  const live = new Set<string>();
  let written = 0;
  return () => {
    const namespace = roll(2) ? 'odd' : 'even';
    const name = `c${roll(150)}`;
    const key = `${namespace}/${name}`;
    const data = { n: String(written++) };
    if (!live.has(key)) {
      live.add(key);
      const tier = tiers[roll(3)];
      const object = { metadata: { name, ...(tier && { labels: { tier } }) }, data };
      return api.call('create', 'configmaps', { namespace, object });
    }
    if (roll(5) === 0) {
      live.delete(key);
      return api.call('delete', 'configmaps', { namespace, name });
    }
    const labels = roll(3) === 0 ? { tier: tiers[roll(3)] ?? null } : {};
    const body = { metadata: { labels }, data };
    return api.call('patch', 'configmaps', { namespace, name, patch: { type: 'merge', body } });
  };
}

const shown = (object: Answered) => ({ metadata: object.metadata, data: object['data'] });

test('informers of Go clients stay right over 10,000 writes, broken connections and a compaction', async () => {
  await using server = await httpsApi();
  for (const name of ['odd', 'even'])
    await server.api.call('create', 'namespaces', { namespace: '', object: { metadata: { name } } });
  const roll = dice(36);
  const write = writer(server, roll);
  // What is there before anybody watches.
  for (let i = 0; i < 200; i++) await write();
  const reflectors = Object.values(sources).map((source) => new GoReflector(server, source));
  const each = (act: (reflector: GoReflector, at: number) => void) => reflectors.forEach(act);
  for (const reflector of reflectors) await reflector.until(() => reflector.counts.lists > 0);
  for (let i = 0; i < 9800; i += 50) {
    // Some writes go to one object at a time, as the server is asked for them.
    const batch: Promise<unknown>[] = [];
    for (let n = 0; n < 50; n++) batch.push(write());
    await Promise.all(batch);
    // Watchers get their turn, as over a real network.
    await new Promise(setImmediate);
    if (i % 500 === 0) reflectors[roll(reflectors.length)]!.cut();
    if (i === 3000) {
      // Those that are away while the past is forgotten have to start anew; the others notice nothing.
      const gate = Promise.withResolvers<void>();
      each((reflector, at) => void (at % 2 === 0 && reflector.cut(gate.promise)));
      for (let n = 0; n < 50; n++) await write();
      await server.api.store.compact(server.api.store.revision);
      for (let n = 0; n < 50; n++) await write();
      gate.resolve();
    }
  }
  for (const namespace of ['odd', 'even'])
    await server.api.call('create', 'configmaps', {
      namespace,
      object: { metadata: { name: 'end', labels: { tier: 'web' } } },
    });
  const answers = Object.entries(sources).map(async ([what, source], at) => {
    const reflector = reflectors[at]!;
    const path = `${source.path}?${source.selector ?? ''}`;
    const list = readProtobuf((await server.ask(path, { headers: { accept: source.accept.list } })).bytes);
    const expected = new Map((list.items as readonly Answered[]).map((item) => [keyOf(item), shown(item)]));
    const revisions = (objects: ReadonlyMap<string, Answered | KubeObject>) =>
      [...objects].map(([key, object]) => `${key} ${object.metadata.resourceVersion}`).sort();
    const wanted = revisions(new Map((list.items as readonly Answered[]).map((item) => [keyOf(item), item])));
    await reflector.until((objects) => objects.size === wanted.length && `${revisions(objects)}` === `${wanted}`);
    const mirrored = new Map([...reflector.objects].map(([key, object]) => [key, shown(object)]));
    expect({ what, mirrored }).toEqual({ what, mirrored: expected });
  });
  await Promise.all(answers);
  const counts = reflectors.map((reflector) => reflector.counts);
  expect(counts.map(({ expired }) => expired)).toEqual([1, 0, 1, 0, 1, 0]);
  expect(counts.every(({ watches }) => watches > 1)).toBe(true);
  expect(counts[0]!.events).toBeGreaterThan(5000);
  each((reflector) => reflector.close());
});
