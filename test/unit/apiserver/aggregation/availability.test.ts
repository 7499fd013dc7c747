import { describe, expect, test } from 'vitest';
import { failedCheck, passed, serviceProblem, statusWith } from '../../../../src/apiserver/aggregation/availability.ts';

const reference = { namespace: 'ns', name: 'adapter', port: 443 };
const service = (spec: object) => ({ metadata: {}, spec }) as never;
const onPort = service({ ports: [{ name: 'https', port: 443 }] });
const slice = (endpoints: object[], ports: object[] = [{ name: 'https', port: 8443 }]) =>
  ({ metadata: {}, endpoints, ports }) as never;

describe('why a server cannot be reached', () => {
  test.each([
    ['no Service', undefined, [], 'ServiceNotFound', 'service/adapter in "ns" is not present'],
    [
      'another port',
      service({ ports: [{ port: 80 }] }),
      [],
      'ServicePortError',
      'service/adapter in "ns" is not listening on port 443',
    ],
    ['no slices', onPort, [], 'EndpointsNotFound', 'cannot find endpointslices for service/adapter in "ns"'],
    [
      'nobody ready',
      onPort,
      [slice([{ conditions: { ready: false } }])],
      'MissingEndpoints',
      'endpointslices for service/adapter in "ns" have no addresses with port name "https"',
    ],
    [
      'another port name',
      onPort,
      [slice([{}], [{ name: 'http', port: 80 }])],
      'MissingEndpoints',
      'endpointslices for service/adapter in "ns" have no addresses with port name "https"',
    ],
  ])('%s', (_, found, slices, reason, message) => {
    expect(serviceProblem(reference, found, slices)).toEqual({ status: 'False', reason, message });
  });

  test.each([
    ['somebody is ready', onPort, [slice([{ conditions: { ready: false } }]), slice([{}])]],
    ['ports have no names', service({ ports: [{ port: 443 }] }), [slice([{ conditions: {} }], [{ port: 8443 }])]],
    ['the Service leads elsewhere', service({ type: 'ExternalName', externalName: 'x' }), []],
  ])('none: %s', (_, found, slices) => {
    expect(serviceProblem(reference, found, slices)).toBeUndefined();
  });
});

describe('the condition', () => {
  const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second);
  const first = statusWith(undefined, failedCheck('no'), at(0))!;

  test('is added with its time', () => {
    expect(first.conditions).toEqual([
      {
        type: 'Available',
        status: 'False',
        reason: 'FailedDiscoveryCheck',
        message: 'no',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ]);
  });

  test('is left when it says the same, and keeps its time with its status', () => {
    expect(statusWith(first, failedCheck('no'), at(1))).toBeUndefined();
    expect(statusWith(first, failedCheck('still no'), at(1))!.conditions).toEqual([
      { ...first.conditions![0], message: 'still no' },
    ]);
    expect(statusWith(first, passed, at(1))!.conditions).toEqual([
      { type: 'Available', ...passed, lastTransitionTime: '2026-01-01T00:00:01Z' },
    ]);
  });

  test('leaves those of others alone', () => {
    const other = { type: 'Other', status: 'True' };
    expect(statusWith({ conditions: [other] }, passed, at(0))!.conditions).toMatchObject([
      other,
      { type: 'Available' },
    ]);
  });
});
