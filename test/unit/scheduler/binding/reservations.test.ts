import { describe, expect, test } from 'vitest';
import { PreBindFailure, Reservations } from '../../../../src/scheduler/binding/reservations.ts';
import { type Plugin, type Reservation, Unfit } from '../../../../src/scheduler/plugin.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod, table } from '../kit.ts';

let log: string[] = [];
const signal = new AbortController().signal;

/** A plugin that writes down what is asked of it. */
function plugin(name: string, preBind?: Reservation['preBind']): Plugin {
  return {
    name,
    reserve: (info, slot, nodes) => {
      log.push(`${name} reserves ${info.name} on ${nodes.slots[slot]!.name}`);
      return { unreserve: () => void log.push(`${name} unreserves`), ...(preBind && { preBind }) };
    },
  };
}

function make(...plugins: Plugin[]): Reservations | undefined {
  log = [];
  return Reservations.make(plugins, podInfo(pod({ name: 'p' })), 0, table([{ name: 'n1' }]));
}

test('a pod that concerns no plugin has none', () => {
  expect(make({ name: 'A' }, { name: 'B', reserve: () => undefined })).toBeUndefined();
});

test('what is reserved first is given back last', () => {
  make(plugin('A'), plugin('B'))!.unreserve();
  expect(log).toEqual(['A reserves p on n1', 'B reserves p on n1', 'B unreserves', 'A unreserves']);
});

describe('before the pod is bound', () => {
  test('plugins act one after the other', async () => {
    const say = (text: string) => async () => void log.push(text);
    const held = make(plugin('A', say('A acts')), plugin('B'), plugin('C', say('C acts')))!;
    log = [];
    await held.preBind(signal);
    expect(log).toEqual(['A acts', 'C acts']);
  });

  test('only some have something to do first', () => {
    const acts = plugin('B', async () => undefined);
    expect([make(plugin('A')), make(plugin('A'), acts)].map((held) => held?.takesTime)).toEqual([false, true]);
  });

  test.each<[string, Error, boolean]>([
    ['a node that does not do', new Unfit('too far'), true],
    ['trouble', new Error('too far'), false],
  ])('%s is told with the name of the plugin', async (_, cause, unfit) => {
    const held = make(
      plugin('A', () => Promise.reject(cause)),
      plugin('B', async () => void log.push('B acts')),
    )!;
    const failure = await held.preBind(signal).catch((error) => error);
    expect(failure).toBeInstanceOf(PreBindFailure);
    expect(failure).toMatchObject({ plugin: 'A', message: 'too far', unfit });
    expect(log).not.toContain('B acts');
  });

  test('nobody waits for a pod that has gone', async () => {
    const held = make(
      plugin(
        'A',
        (aborted) => new Promise((_, reject) => aborted.addEventListener('abort', () => reject(aborted.reason))),
      ),
    )!;
    const waiting = held.preBind(signal).catch((error) => error);
    held.abandon();
    expect(await waiting).toBeInstanceOf(PreBindFailure);
    expect(held.abandoned).toBe(true);
  });
});
