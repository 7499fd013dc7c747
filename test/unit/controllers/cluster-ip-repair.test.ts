import { describe, expect, test } from 'vitest';
import type { Service } from '../../../src/api/types/core-v1.gen.ts';
import type { IPAddress } from '../../../src/api/types/networking-v1.gen.ts';
import { parsePrefix } from '../../../src/base/ip.ts';
import { judgeObject, judgeService } from '../../../src/controllers/cluster-ip-repair/plan.ts';
import { serviceAddress } from '../../../src/resources/networking/service-address.ts';

const service = (name: string, ip: string): Service => ({
  metadata: { namespace: 'default', name },
  spec: { clusterIP: ip, clusterIPs: [ip] },
});
const object = (ip: string, name: string, labels?: Record<string, string>): IPAddress => {
  const made = serviceAddress(ip, service(name, ip) as never);
  const metadata = { ...made.metadata, creationTimestamp: '2026-01-01T00:00:00Z', ...(labels && { labels }) };
  return { ...made, metadata } as IPAddress;
};

describe('a Service', () => {
  const judge = (of: Service, objects: IPAddress[], services: Service[] = []) =>
    judgeService(of, {
      ranges: [parsePrefix('10.96.0.0/16')!],
      address: (name) => objects.find(({ metadata }) => metadata.name === name),
      service: (_, name) => services.find(({ metadata }) => metadata.name === name),
    });
  const a = service('a', '10.96.0.5');

  test.each<[string, Service, IPAddress[], Service[], unknown[]]>([
    ['with its object is right', a, [object('10.96.0.5', 'a')], [], []],
    ['without an address needs none', service('h', 'None'), [], [], []],
    [
      'without an object gets one',
      a,
      [],
      [],
      [
        {
          reason: 'ClusterIPNotAllocated',
          message: 'Cluster IP [IPv4]: 10.96.0.5 is not allocated; repairing',
          repair: { address: '10.96.0.5', how: 'create' },
        },
      ],
    ],
    [
      'whose object names a Service that is gone gets a new one',
      a,
      [object('10.96.0.5', 'gone')],
      [],
      [
        {
          reason: 'ClusterIPNotAllocated',
          message: 'the ClusterIP [IPv4]: 10.96.0.5 for Service default/a has a wrong reference; repairing',
          repair: { address: '10.96.0.5', how: 'recreate' },
        },
      ],
    ],
    [
      'with the address of another is told so',
      a,
      [object('10.96.0.5', 'b')],
      [service('b', '10.96.0.5')],
      [
        {
          reason: 'ClusterIPAlreadyAllocated',
          message: 'Cluster IP [IPv4]:10.96.0.5 was assigned to multiple services; please recreate service',
        },
      ],
    ],
    [
      'outside of all ranges is told so',
      service('far', '192.0.2.1'),
      [],
      [],
      [
        {
          reason: 'ClusterIPOutOfRange',
          message: 'Cluster IP [IPv4]: 192.0.2.1 is not within any configured Service CIDR; please recreate service',
        },
      ],
    ],
    [
      'whose object lost its labels gets a new one, quietly',
      a,
      [object('10.96.0.5', 'a', {})],
      [],
      [{ reason: '', message: '', repair: { address: '10.96.0.5', how: 'recreate' } }],
    ],
  ])('%s', (_, of, objects, services, expected) => {
    expect(judge(of, objects, services)).toEqual(expected);
  });
});

describe('the object of an address', () => {
  const made = Date.UTC(2026, 0, 1);

  test('stays with its Service, or when others made it', () => {
    expect(judgeObject(object('10.96.0.5', 'a'), service('a', '10.96.0.5'), made)).toEqual({ do: 'keep' });
    expect(judgeObject(object('10.96.0.5', 'a', {}), undefined, made + 100_000)).toEqual({ do: 'keep' });
  });

  test('waits a minute for its Service to come', () => {
    expect(judgeObject(object('10.96.0.5', 'a'), undefined, made + 59_000)).toEqual({ do: 'wait', ms: 1_000 });
    expect(judgeObject(object('10.96.0.5', 'a'), undefined, made + 60_000)).toEqual({
      do: 'remove',
      reason: 'IPAddressNotAllocated',
      message: 'IPAddress: 10.96.0.5 for Service default/a appears to have leaked: cleaning up',
    });
  });

  test('goes when its Service has another address', () => {
    expect(judgeObject(object('10.96.0.5', 'a'), service('a', '10.96.0.6'), made)).toMatchObject({
      do: 'remove',
      reason: 'IPAddressWrongReference',
      message: 'IPAddress: 10.96.0.5 for Service default/a has a wrong reference; cleaning up',
    });
  });

  test('goes when it names no Service any more', () => {
    const spec = { parentRef: { group: 'g', resource: 'gateways', name: 'x' } };
    expect(judgeObject({ ...object('10.96.0.5', 'a'), spec }, undefined, made)).toMatchObject({
      do: 'remove',
      reason: 'IPAddressNotAllocated',
    });
  });
});
