import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import type { ResourceRef } from '../../../src/api/resource-ref.ts';
import { expired, serviceUnavailable } from '../../../src/api/status.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { SeededIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { Call } from '../../../src/client/call.ts';
import { createClient } from '../../../src/client/client.ts';
import { indexBy } from '../../../src/client/index-map.ts';
import { byNamespace, byOwner } from '../../../src/client/informer.ts';
import { Informers } from '../../../src/client/informers.ts';
import { configMap, listOf, ScriptedTransport, turn } from '../../kit/scripted-transport.ts';

const configMaps: ResourceRef<KubeObject> = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

function start(answer: (call: Call) => unknown) {
  const transport = new ScriptedTransport(answer);
  const clock = new ManualClock();
  const informers = new Informers(transport, { clock, ids: new SeededIds(1), log: silentLogger, pageSize: 2 });
  const informer = informers.of(configMaps);
  const heard: string[] = [];
  informer.on({
    added: (o, initial) => heard.push(`${initial ? 'initial' : 'added'} ${o.metadata.name}`),
    updated: (old, o) =>
      heard.push(`updated ${o.metadata.name} ${old.metadata.resourceVersion}>${o.metadata.resourceVersion}`),
    deleted: (o) => heard.push(`deleted ${o.metadata.name}`),
  });
  const stop = new AbortController();
  const ended = informers.run(stop.signal);
  return { transport, clock, informers, informer, heard, stop, ended };
}

describe('Informer', () => {
  it('lists in pages, then follows the watch from the list revision', async () => {
    const { transport, informer, heard, stop, ended } = start((call) =>
      call.options?.continue
        ? listOf(5, configMap('c', 3))
        : {
            ...(listOf(5, configMap('a', 1), configMap('b', 2)) as object),
            metadata: { resourceVersion: '5', continue: 'x' },
          },
    );
    await informer.whenSynced(stop.signal);
    await turn();
    expect(transport.last.call.options).toMatchObject({ resourceVersion: '5', allowWatchBookmarks: true });
    transport.emit(
      { type: 'ADDED', object: configMap('d', 6) },
      { type: 'MODIFIED', object: configMap('a', 7) },
      { type: 'DELETED', object: configMap('b', 8) },
    );
    expect(heard).toEqual(['initial a', 'initial b', 'initial c', 'added d', 'updated a 1>7', 'deleted b']);
    expect(informer.list().map((o) => o.metadata.name)).toEqual(['a', 'c', 'd']);
    stop.abort();
    await ended;
    expect(transport.last.signal.aborted).toBe(true);
  });

  it('shares the very objects of the transport', async () => {
    const object = configMap('a', 1);
    const { informer, stop, ended } = start(() => listOf(1, object));
    await informer.whenSynced(stop.signal);
    expect(informer.get('default/a')).toBe(object);
    expect(informer.get({ namespace: 'default', name: 'a' })).toBe(object);
    stop.abort();
    await ended;
  });

  it('resumes a broken watch where it was, without telling anything twice', async () => {
    const { transport, clock, heard, stop, ended } = start(() => listOf(1, configMap('a', 1)));
    await turn();
    transport.emit({ type: 'MODIFIED', object: configMap('a', 4) }, { type: 'BOOKMARK', object: configMap('', 9) });
    transport.last.handler.end(serviceUnavailable('restarting'));
    await turn();
    await clock.advance(200);
    await turn();
    expect(transport.watches.length).toBe(2);
    expect(transport.last.call.options?.resourceVersion).toBe('9');
    expect(transport.calls.length).toBe(1);
    expect(heard).toEqual(['initial a', 'updated a 1>4']);
    stop.abort();
    await ended;
  });

  it('lists anew after 410 and tells what went missing, came, and was replaced', async () => {
    const lists = [
      listOf(3, configMap('a', 1), configMap('b', 2), configMap('c', 3)),
      listOf(20, configMap('b', 12), configMap('c', 14, { uid: 'other' }), configMap('d', 15)),
    ];
    const { transport, informer, heard, stop, ended } = start(() => lists.shift());
    await turn();
    heard.length = 0;
    transport.emit({ type: 'ERROR', object: expired('too old resource version').status as unknown as KubeObject });
    await turn();
    expect(heard).toEqual(['updated b 2>12', 'deleted c', 'added c', 'added d', 'deleted a']);
    expect(informer.revision).toBe(20);
    expect(transport.last.call.options?.resourceVersion).toBe('20');
    stop.abort();
    await ended;
  });

  it('backs off while lists fail and does not ask in a tight loop', async () => {
    let up = false;
    const { transport, clock, informer, stop, ended } = start(() => {
      if (!up) throw serviceUnavailable('no');
      return listOf(1);
    });
    await turn();
    for (let i = 0; i < 100; i++) await clock.advance(100);
    expect(transport.calls.length).toBeLessThan(12);
    up = true;
    await clock.advance(20_000);
    await turn();
    expect(informer.synced).toBe(true);
    stop.abort();
    await ended;
  });

  it('finds by namespace, owner and custom index, also one declared late', async () => {
    const owned = { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u1' }] };
    const { transport, informer, stop, ended } = start(() =>
      listOf(3, configMap('a', 1, owned), configMap('b', 2, { namespace: 'other' }), configMap('c', 3)),
    );
    await informer.whenSynced(stop.signal);
    await turn();
    const names = (objects: readonly KubeObject[]) => objects.map((o) => o.metadata.name);
    const first = indexBy<KubeObject>('first', (o) => o.metadata.name?.[0]);
    expect(names(informer.by(byNamespace, 'default'))).toEqual(['a', 'c']);
    expect(names(informer.by(byOwner, 'u1'))).toEqual(['a']);
    expect(names(informer.by(first, 'c'))).toEqual(['c']);
    transport.emit(
      { type: 'MODIFIED', object: configMap('a', 4) },
      { type: 'ADDED', object: configMap('cc', 5, owned) },
    );
    expect(names(informer.by(byOwner, 'u1'))).toEqual(['cc']);
    expect(names(informer.by(first, 'c'))).toEqual(['c', 'cc']);
    stop.abort();
    await ended;
  });

  it('lets a write wait until the cache shows it', async () => {
    const { transport, informers, informer, stop, ended } = start((call) =>
      call.verb === 'list' ? listOf(1) : configMap('new', 7),
    );
    await informer.whenSynced(stop.signal);
    await turn();
    let done = false;
    const created = createClient(transport, informers)
      .resource(configMaps)
      .create({ ...configMap('new', 0) })
      .then(() => (done = true));
    await turn();
    expect(done).toBe(false);
    transport.emit({ type: 'ADDED', object: configMap('new', 7) });
    await created;
    expect(informer.get('default/new')).toBeDefined();
    stop.abort();
    await ended;
  });

  it('a handler that throws stops neither the cache nor the other handlers', async () => {
    const { transport, informer, heard, stop, ended } = start(() => listOf(1));
    informer.on({
      added() {
        throw new Error('broken');
      },
    });
    await informer.whenSynced(stop.signal);
    await turn();
    transport.emit({ type: 'ADDED', object: configMap('a', 2) }, { type: 'ADDED', object: configMap('b', 3) });
    expect(heard).toEqual(['added a', 'added b']);
    expect(informer.size).toBe(2);
    stop.abort();
    await ended;
  });
});
