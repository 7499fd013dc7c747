import { expect, it, vi } from 'vitest';
import type { AnyKind, KubeObject } from '../../../src/api/object.ts';
import { LabelSelector, parseLabelSelector } from '../../../src/api/selector.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { SeededIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { Informers } from '../../../src/client/informers.ts';
import { few, selected } from '../../../src/client/selected.ts';
import { configMap, listOf, ScriptedTransport } from '../../kit/scripted-transport.ts';

const configMaps = { group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', namespaced: true };

const labelled = (name: string, revision: number, labels: Record<string, string>, namespace = 'default'): KubeObject =>
  configMap(name, revision, { namespace, labels });

async function informerOf(...objects: KubeObject[]) {
  const transport = new ScriptedTransport(() => listOf(objects.length, ...objects));
  const informers = new Informers(transport, { clock: new ManualClock(), ids: new SeededIds(1), log: silentLogger });
  const informer = informers.of(configMaps);
  const stop = new AbortController();
  const ended = informers.run(stop.signal);
  await informer.whenSynced(stop.signal);
  const end = () => {
    stop.abort();
    return ended;
  };
  return { informer, transport, end };
}

const namesOf = (all: readonly AnyKind[]) => all.map((one) => one.metadata?.name ?? '').toSorted();

const objects = [
  labelled('a', 1, { app: 'web', tier: 'front' }),
  labelled('b', 2, { app: 'web', tier: 'back' }),
  labelled('c', 3, { app: 'web' }),
  labelled('d', 4, { app: 'db', tier: 'back' }),
  labelled('e', 5, { app: 'web', tier: 'front' }, 'other'),
  labelled('f', 6, {}),
  ...Array.from({ length: few }, (_, i) => labelled(`x${i}`, 7 + i, { other: 'x' })),
];

it.each<[string, string[], number]>([
  ['app=web', ['a', 'b', 'c'], 3],
  ['app=web,tier=front', ['a'], 1],
  ['app=web,tier in (back)', ['b'], 2],
  ['app=web,tier!=front', ['b', 'c'], 3],
  ['app=web,app=db', [], 3],
  ['app=nobody', [], 0],
  ['app in (web,db),tier', ['a', 'b', 'd'], few + 5],
  ['!app,!other', ['f'], few + 5],
])('the selector "%s" finds %j and looks at %i objects', async (text, names, looked) => {
  const { informer, end } = await informerOf(...objects);
  const selector = parseLabelSelector(text);
  const matches = vi.spyOn(selector, 'matches');
  expect(namesOf(selected(informer, 'default', selector))).toEqual(names);
  expect(matches).toHaveBeenCalledTimes(looked);
  await end();
});

it('an empty selector finds all of the namespace, and a namespace with few objects is looked through', async () => {
  const { informer, end } = await informerOf(...objects);
  expect(selected(informer, 'default', parseLabelSelector(''))).toHaveLength(few + 5);
  expect(namesOf(selected(informer, 'other', parseLabelSelector('tier=front')))).toEqual(['e']);
  await end();
});

it('a selector of nothing finds nothing', async () => {
  const { informer, end } = await informerOf(...objects);
  expect(selected(informer, 'default', LabelSelector.nothing)).toEqual([]);
  await end();
});

it('follows changes of labels', async () => {
  const { informer, transport, end } = await informerOf(...objects);
  const names = (text: string) => namesOf(selected(informer, 'default', parseLabelSelector(text)));
  expect([names('app=web'), names('app=db')]).toEqual([['a', 'b', 'c'], ['d']]);
  transport.emit(
    { type: 'MODIFIED', object: labelled('a', 1007, { app: 'db' }) },
    { type: 'DELETED', object: labelled('b', 1008, { app: 'web', tier: 'back' }) },
  );
  expect([names('app=web'), names('app=db')]).toEqual([['c'], ['a', 'd']]);
  await end();
});
