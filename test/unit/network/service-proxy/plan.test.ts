import { expect, test } from 'vitest';
import { backendsOf } from '../../../../src/network/service-proxy/backends.ts';
import { planService } from '../../../../src/network/service-proxy/plan.ts';
import { staleFlows, udpFrontends } from '../../../../src/network/service-proxy/udp-flows.ts';
import { service, slice } from '../../../kit/network/caches.ts';

const subnets = { pods: '10.244.0.0/16', services: '10.96.0.0/16' };
const http = [{ name: 'http', port: 80, target: 8080 }];
const two = [
  { address: '10.244.0.5', node: 'n1' },
  { address: '10.244.1.6', node: 'n2' },
];
const plan = (one: ReturnType<typeof service>, endpoints: Parameters<typeof slice>[2], node = 'n1') => {
  const rules = planService(one, [slice('web', http, endpoints)], { node, zone: undefined }, subnets);
  const chains = Object.fromEntries([...rules.chains].map(([name, lines]) => [name.split('-')[0], lines]));
  const ways = [...rules.elements].flatMap(([map, pairs]) =>
    [...pairs].map(([k, v]) => `${map}: ${k} ${v.split('-')[0]}`),
  );
  return { chains, ways, sets: [...rules.sets.values()] };
};

test('a cluster IP with a few endpoints is one map element each, without a chain', () => {
  expect(plan(service('web', '10.96.0.9', http), two)).toEqual({
    chains: {},
    ways: ['to_2: 10.96.0.9 . tcp . 80 . 0 10.244.0.5 . 8080', 'to_2: 10.96.0.9 . tcp . 80 . 1 10.244.1.6 . 8080'],
    sets: [],
  });
});

test('a cluster IP with many endpoints balances over all of them', () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ address: `10.244.0.${i + 10}` }));
  const { chains, ways } = plan(service('web', '10.96.0.9', http), many);
  expect(ways).toEqual(['cluster_ips: 10.96.0.9 . tcp . 80 goto svc']);
  expect(chains['svc']![0]).toMatch(
    /^meta l4proto tcp dnat ip to numgen random mod 20 map \{ 0 : 10\.244\.0\.10 \. 8080, /,
  );
});

test('a node port and external addresses are masqueraded, unless the policy is Local', () => {
  const spec = { type: 'NodePort', externalIPs: ['192.0.2.9'] };
  const open = plan(service('web', '10.96.0.9', [{ ...http[0]!, nodePort: 30080 }], spec), two);
  expect(open.chains['ext']![0]).toBe('jump from_outside');
  expect(open.ways).toEqual([
    'cluster_ips: 10.96.0.9 . tcp . 80 goto svc',
    'external_ips: 192.0.2.9 . tcp . 80 goto ext',
    'node_ports: tcp . 30080 goto ext',
  ]);
  const local = { ...spec, externalTrafficPolicy: 'Local' };
  const near = plan(service('web', '10.96.0.9', [{ ...http[0]!, nodePort: 30080 }], local), two);
  expect(near.chains['loc']).toEqual(['meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.244.0.5 . 8080 }']);
  const none = plan(service('web', '10.96.0.9', [{ ...http[0]!, nodePort: 30080 }], local), two, 'n3');
  expect(none.chains['loc']).toEqual(['drop']);
});

test('without endpoints the outside ways are refused', () => {
  const spec = { type: 'NodePort', externalIPs: ['192.0.2.9'] };
  expect(plan(service('web', '10.96.0.9', [{ ...http[0]!, nodePort: 30080 }], spec), [])).toEqual({
    chains: {},
    ways: ['unserved: 192.0.2.9 . tcp . 80 goto refuse', 'unserved_ports: tcp . 30080 goto refuse_port'],
    sets: [],
  });
});

test('affinity remembers clients per endpoint for as long as asked', () => {
  const config = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } };
  const sticky = plan(service('web', '10.96.0.9', http, config), two);
  expect(sticky.sets).toEqual(Array(2).fill('type ipv4_addr; size 65535; flags dynamic, timeout; timeout 60s;'));
  expect(sticky.chains['svc']).toHaveLength(3);
});

test('source ranges guard a load balancer’s address, not the node port', () => {
  const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: ['203.0.113.0/24'] };
  const one = {
    ...service('web', '10.96.0.9', [{ ...http[0]!, nodePort: 30080 }], spec),
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.50' }] } },
  };
  const guarded = plan(one, two);
  expect(guarded.chains['fw']![0]).toBe('ip saddr != { 203.0.113.0/24 } drop');
  expect(guarded.ways.slice(1)).toEqual([
    'external_ips: 192.0.2.50 . tcp . 80 goto fw',
    'node_ports: tcp . 30080 goto ext',
  ]);
});

test.each([
  ['headless', service('web', 'None', http)],
  ['ExternalName', service('web', '', http, { type: 'ExternalName', externalName: 'x.test' })],
  ['without an address yet', service('web', '', http)],
])('a Service that is %s has no rules', (_, one) => {
  expect(plan(one, two)).toEqual({ chains: {}, ways: [], sets: [] });
});

test('ending endpoints serve only while no other is ready', () => {
  const ending = { address: '10.244.0.7', ready: false, serving: true, terminating: true };
  const port = service('web', '10.96.0.9', http).spec!.ports![0]!;
  const addresses = (endpoints: Parameters<typeof slice>[2]) =>
    backendsOf([slice('web', http, endpoints)], port).map((b) => b.address);
  expect(addresses([...two, ending])).toEqual(['10.244.0.5', '10.244.1.6']);
  expect(addresses([ending])).toEqual(['10.244.0.7']);
  expect(addresses([{ ...ending, serving: false }])).toEqual([]);
});

test('UDP flows are forgotten when their endpoint goes, or the first one comes', () => {
  const dns = [{ port: 53, protocol: 'UDP' as const }];
  const one = service('web', '10.96.0.9', dns);
  const at = (...addresses: string[]) =>
    udpFrontends(one, [
      slice(
        'web',
        dns,
        addresses.map((address) => ({ address })),
      ),
    ]);
  expect(staleFlows(at('10.244.0.1', '10.244.0.2'), at('10.244.0.2'))).toEqual([
    { address: '10.96.0.9', port: 53, backend: '10.244.0.1' },
  ]);
  expect(staleFlows(at(), at('10.244.0.2'))).toEqual([{ address: '10.96.0.9', port: 53 }]);
  expect(staleFlows(at('10.244.0.2'), at('10.244.0.2'))).toEqual([]);
});

test('traffic stays on the node or in the zone that endpoints are meant for, as long as all of them say so', () => {
  const near = (zone: string, node: string) => ({ forZones: [{ name: zone }], forNodes: [{ name: node }] });
  const hinted = [
    { address: '10.244.0.5', node: 'n1', hints: near('a', 'n1') },
    { address: '10.244.1.6', node: 'n2', hints: near('a', 'n2') },
    { address: '10.244.2.7', node: 'n3', hints: near('b', 'n3') },
  ];
  const zoned = hinted.map((one) => ({ ...one, hints: { forZones: one.hints.forZones } }));
  const reached = (endpoints: typeof zoned, node: string, zone: string | undefined, spec = {}) => {
    const one = service('web', '10.96.0.9', http, spec);
    const rules = planService(one, [slice('web', http, endpoints)], { node, zone }, subnets);
    return [...(rules.elements.values().next().value?.values() ?? [])].map((to) => to.split(' ')[0]);
  };
  const all = ['10.244.0.5', '10.244.1.6', '10.244.2.7'];
  expect(reached(hinted, 'n2', 'a')).toEqual(['10.244.1.6']);
  expect(reached(hinted, 'n4', 'a')).toEqual(['10.244.0.5', '10.244.1.6']);
  expect(reached(zoned, 'n3', 'b')).toEqual(['10.244.2.7']);
  expect(reached(zoned, 'n3', 'c')).toEqual(all);
  expect(reached(zoned, 'n3', undefined)).toEqual(all);
  expect(reached([...zoned.slice(0, 2), { ...zoned[2]!, hints: { forZones: [] } }], 'n1', 'a')).toEqual(all);
  expect(reached(zoned, 'n3', 'a', { internalTrafficPolicy: 'Local' })).toEqual(['10.244.2.7']);
});
