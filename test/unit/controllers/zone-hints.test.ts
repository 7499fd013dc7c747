import { describe, expect, test } from 'vitest';
import type { Node, Service } from '../../../src/api/types/core-v1.gen.ts';
import type { Endpoint } from '../../../src/api/types/discovery-v1.gen.ts';
import { Hinter } from '../../../src/controllers/endpointslice/hints.ts';
import { assignZones, desiredByZone } from '../../../src/controllers/endpointslice/zone-allocation.ts';
import { zoneShares } from '../../../src/controllers/endpointslice/zone-shares.ts';

const node = (name: string, zone: string | undefined, cpu = '4', ready = true, labels = {}): Node => ({
  metadata: { name, labels: { ...(zone && { 'topology.kubernetes.io/zone': zone }), ...labels } },
  status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

describe('the shares of zones', () => {
  const control = { 'node-role.kubernetes.io/control-plane': '' };
  test.each<[string, Node[], Record<string, number> | undefined]>([
    ['go by CPU', [node('1', 'a', '3'), node('2', 'b', '500m'), node('3', 'b', '500m')], { a: 0.75, b: 0.25 }],
    [
      'leave out nodes that are not ready',
      [node('1', 'a'), node('2', 'b'), node('3', 'c', '4', false)],
      { a: 0.5, b: 0.5 },
    ],
    [
      'leave out the control plane',
      [node('1', 'a'), node('2', 'b'), node('3', undefined, '4', true, control)],
      { a: 0.5, b: 0.5 },
    ],
    ['are unknown when a node is in none', [node('1', 'a'), node('2', 'b'), node('3', undefined)], undefined],
    ['are unknown when a node has no CPU', [node('1', 'a'), node('2', 'b', '0')], undefined],
    ['are nothing to share with one zone', [node('1', 'a'), node('2', 'a')], undefined],
  ])('%s', (_, nodes, expected) => {
    const shares = zoneShares(nodes);
    expect(shares && Object.fromEntries(shares)).toEqual(expected);
  });
});

const half = new Map([
  ['a', 0.5],
  ['b', 0.5],
]);

test.each<[string, number, ReadonlyMap<string, number> | undefined, string]>([
  [
    'nodes do not tell',
    4,
    undefined,
    'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
  ],
  ['there are fewer than zones', 1, half, 'Insufficient number of endpoints (1 endpoints, 2 zones)'],
  [
    'the least that zones need is too much',
    3,
    half,
    'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)',
  ],
])('endpoints are not shared out when %s', (_, count, shares, why) => {
  expect(desiredByZone(count, shares)).toBe(why);
});

describe('zones', () => {
  const assigned = (homes: string, before = '', shares = half) => {
    const desired = desiredByZone(homes.length, shares) as ReadonlyMap<string, number>;
    return assignZones(
      [...homes].map((zone, n) => ({ zone, before: before[n] })),
      desired,
    ).join('');
  };
  test('keep their own endpoints where that is fair', () => {
    expect(assigned('aabb')).toBe('aabb');
    expect(assigned('aaaabbbbb')).toBe('aaaabbbbb');
  });
  test('get some of others that have too many', () => {
    expect([...assigned('aaaa')].sort().join('')).toBe('aabb');
    expect(assigned('aaaaab').split('a').length - 1).toBe(3);
  });
  test('keep what they were given, and give back what others need', () => {
    expect(assigned('aaaa', 'bbaa')).toBe('bbaa');
    expect(assigned('aabb', 'bbbb')).toBe('aabb');
  });
});

describe('hints', () => {
  const service = (spec: Service['spec'], annotations = {}): Service => ({
    metadata: { name: 's', namespace: 'default', annotations },
    spec,
  });
  const endpoint = (zone: string | undefined, ready = true): Endpoint => ({
    addresses: ['10.0.0.1'],
    conditions: { ready },
    nodeName: 'n1',
    ...(zone && { zone }),
  });
  const hinted = (of: Service, ...endpoints: Endpoint[]) => {
    const hinter = new Hinter(of, () => half);
    const all = new Map(endpoints.map((one, n) => [String(n), one]));
    const hints = hinter.hints('IPv4', all, new Map());
    return { hints: [...all.keys()].map((key) => hints.get(key)), outcomes: [...hinter.outcomes.values()] };
  };
  const zone = { forZones: [{ name: 'a' }] };

  test.each([
    ['PreferClose', [zone, undefined, undefined]],
    ['PreferSameZone', [zone, undefined, undefined]],
    ['PreferSameNode', [{ ...zone, forNodes: [{ name: 'n1' }] }, undefined, { forNodes: [{ name: 'n1' }] }]],
  ])('of ready endpoints say what %s asks for', (trafficDistribution, hints) => {
    const found = hinted(service({ trafficDistribution }), endpoint('a'), endpoint('a', false), endpoint(undefined));
    expect(found).toEqual({ hints, outcomes: [] });
  });

  test('share out zones where the annotation says so, whatever the distribution', () => {
    const auto = service({ trafficDistribution: 'PreferSameNode' }, { 'service.kubernetes.io/topology-mode': 'Auto' });
    expect(hinted(auto, endpoint('a'), endpoint('b'))).toEqual({
      hints: [zone, { forZones: [{ name: 'b' }] }],
      outcomes: [undefined],
    });
    expect(hinted(auto, endpoint('a'), endpoint(undefined))).toEqual({
      hints: [undefined, undefined],
      outcomes: ['One or more endpoints do not have a zone specified'],
    });
  });

  test('are not given unless asked for', () => {
    expect(hinted(service({}), endpoint('a')).hints).toEqual([undefined]);
  });
});
