import { describe, expect, it } from 'vitest';
import type { Node } from '../../../src/api/types/core-v1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { Turns } from '../../../src/controllers/node-lifecycle/turns.ts';
import { evictionRateOf, Zones, zoneOf, zoneStateOf } from '../../../src/controllers/node-lifecycle/zones.ts';

const node = (zone: string, ready: boolean, labels: Record<string, string> = {}): Node => ({
  metadata: { labels: { 'topology.kubernetes.io/zone': zone, ...labels } },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
});

describe('a zone', () => {
  it.each<[number, number, string, number]>([
    [5, 0, 'Normal', 0.1],
    [0, 1, 'FullDisruption', 0.1],
    [1, 2, 'Normal', 0.1],
    [3, 3, 'Normal', 0.1],
    [2, 3, 'PartialDisruption', 0],
    [20, 30, 'PartialDisruption', 0],
    [20, 31, 'PartialDisruption', 0.01],
    [100, 100, 'Normal', 0.1],
  ])('with %i nodes that work and %i that do not is %s: %d a second', (ready, notReady, state, rate) => {
    expect([zoneStateOf({ ready, notReady }), evictionRateOf({ ready, notReady })]).toEqual([state, rate]);
  });

  it('is named by region and zone, the old labels first', () => {
    expect(zoneOf({ metadata: {} })).toBe('');
    expect(zoneOf(node('a', true))).not.toBe(zoneOf(node('a', true, { 'topology.kubernetes.io/region': 'r' })));
    const old = node('a', true, { 'failure-domain.beta.kubernetes.io/zone': 'b' });
    expect(zoneOf(old)).toBe(zoneOf(node('b', true)));
  });
});

describe('all zones', () => {
  it('are down when no node works that counts', () => {
    const zones = new Zones();
    expect(zones.allDown).toBe(false);
    zones.note('a1', node('a', false));
    expect(zones.allDown).toBe(true);
    zones.note('b1', node('b', true, { 'node.kubernetes.io/exclude-disruption': '' }));
    expect(zones.allDown).toBe(true);
    expect(zones.rate(zoneOf(node('a', true)))).toBe(0);
    zones.note('b2', node('b', true));
    expect([zones.allDown, zones.rate(zoneOf(node('a', true)))]).toEqual([false, 0.1]);
  });

  it('change with the nodes, and are gone with the last', () => {
    const zones = new Zones();
    const [a, b] = [zoneOf(node('a', true)), zoneOf(node('b', true))];
    expect(zones.note('n', node('a', true))).toEqual([a]);
    expect(zones.note('n', node('a', true, { x: 'y' }))).toEqual([]);
    expect(zones.note('n', node('b', true))).toEqual([a, b]);
    expect(zones.rate(a)).toBeUndefined();
    expect(zones.note('n', undefined)).toEqual([b]);
    expect(zones.rate(b)).toBeUndefined();
  });
});

describe('turns', () => {
  function turns(rate: number) {
    const clock = new ManualClock();
    const had: string[] = [];
    return { clock, had, turns: new Turns(clock, rate, (name) => had.push(name)) };
  }

  it('come one by one at the rate, the first at once', async () => {
    const { clock, had, turns: queue } = turns(0.1);
    for (const name of ['a', 'b', 'a', 'c']) queue.add(name);
    await clock.advance(0);
    expect(had).toEqual(['a']);
    await clock.advance(9_999);
    expect(had).toEqual(['a']);
    await clock.advance(1);
    expect(had).toEqual(['a', 'b']);
    queue.remove('c');
    await clock.advance(60_000);
    queue.add('d');
    await clock.advance(0);
    expect(had).toEqual(['a', 'b', 'd']);
  });

  it('stop at rate 0; at a new rate who had to wait waits anew', async () => {
    const { clock, had, turns: queue } = turns(0);
    queue.add('a');
    await clock.advance(1_000_000);
    expect(had).toEqual([]);
    queue.setRate(0.01);
    await clock.advance(99_999);
    expect(had).toEqual([]);
    await clock.advance(1);
    expect(had).toEqual(['a']);
  });
});
