import { describe, expect, test } from 'vitest';
import type { IPAddress, ServiceCIDR } from '../../../src/api/types/networking-v1.gen.ts';
import { finalizer, leavesOrphans, planRange } from '../../../src/controllers/service-cidr/plan.ts';
import { serviceAddress } from '../../../src/resources/networking/service-address.ts';

const now = Date.UTC(2026, 0, 1);
const range = (name: string, cidrs: string[], metadata: ServiceCIDR['metadata'] = {}, status?: ServiceCIDR['status']) =>
  ({
    metadata: { name, finalizers: [finalizer], ...metadata },
    spec: { cidrs },
    ...(status && { status }),
  }) as ServiceCIDR;
const address = (name: string): IPAddress =>
  serviceAddress(name, { metadata: { namespace: 'default', name: 's' } }) as IPAddress;
const asked = (ago: number) => ({ deletionTimestamp: new Date(now - ago).toISOString() });
const condition = (status: 'True' | 'False', reason: string, message: string) => ({
  conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: '2025-01-01T00:00:00Z' }],
});
const ready = condition('True', '', 'Kubernetes Service CIDR is ready');

describe('a range', () => {
  const plan = (object: ServiceCIDR, blocked = false) => planRange(object, () => blocked, now);

  test('is protected before it is shown', () => {
    expect(plan(range('a', ['10.0.0.0/24'], { finalizers: [] }))).toEqual({ do: 'protect' });
    expect(plan(range('a', ['10.0.0.0/24']))).toEqual({
      do: 'show',
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: '',
          message: 'Kubernetes Service CIDR is ready',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    });
    expect(plan(range('a', ['10.0.0.0/24'], {}, ready))).toEqual({ do: 'nothing' });
  });

  test('that is being deleted says what it waits for', () => {
    expect(plan(range('a', ['10.0.0.0/24'], asked(60_000), ready), true)).toMatchObject({
      do: 'show',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'Terminating', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
    });
  });

  test('that is free to go does so ten seconds after it was asked to', () => {
    expect(plan(range('a', ['10.0.0.0/24'], asked(4_000)))).toEqual({ do: 'wait', ms: 6_000 });
    expect(plan(range('a', ['10.0.0.0/24'], asked(10_000)))).toEqual({ do: 'release' });
    expect(plan(range('a', ['10.0.0.0/24'], { ...asked(10_000), finalizers: ['other'] }))).toEqual({ do: 'nothing' });
  });
});

describe('a range that goes leaves addresses behind', () => {
  const going = range('going', ['10.0.0.0/24']);
  const left = (others: ServiceCIDR[], ...names: string[]) =>
    leavesOrphans(going, [going, ...others], () => names.map(address));

  test.each<[string, ServiceCIDR[], string[], boolean]>([
    ['when one is in no other range', [range('far', ['10.1.0.0/24'])], ['10.0.0.5'], true],
    ['not when there is none', [], ['10.1.0.5'], false],
    ['not when all of it is in another', [range('wide', ['10.0.0.0/16'])], ['10.0.0.5'], false],
    ['not when all of them are in another', [range('half', ['10.0.0.0/25'])], ['10.0.0.5'], false],
    ['when only some are', [range('half', ['10.0.0.0/25'])], ['10.0.0.5', '10.0.0.200'], true],
  ])('%s', (_, others, names, expected) => {
    expect(left(others, ...names)).toBe(expected);
  });

  test('not when what has them is no Service', () => {
    const foreign = { metadata: { name: '10.0.0.5' }, spec: { parentRef: { resource: 'gateways', name: 'g' } } };
    expect(leavesOrphans(going, [going], () => [foreign as IPAddress])).toBe(false);
  });
});
