import { expect, test } from 'vitest';
import type { ClusterEvent } from '../../../../src/scheduler/events/events.ts';
import { podChanges } from '../../../../src/scheduler/events/pod-events.ts';
import { dynamicResourcesEvents } from '../../../../src/scheduler/hints/dynamic-resources.ts';
import { fitEvents, nodeResourcesFitEvents } from '../../../../src/scheduler/hints/node-resources-fit.ts';
import { claim, having, slice } from '../devices/kit.ts';
import { node, pod } from '../kit.ts';
import { wakes } from './kit.ts';

const waiting = pod({ resourceClaims: [{ name: 'x', resourceClaimName: 'c' }] });
const free = claim({}, 'c');
const other = claim({}, 'other');
const allocated = claim({}, 'other', { allocation: having('d') });
const noted = { ...waiting, status: { resourceClaimStatuses: [{ name: 'x', resourceClaimName: 'c' }] } };

test.each<[string, ClusterEvent[], boolean]>([
  ['its claim comes', [{ resource: 'ResourceClaim', action: 'Add', now: free }], true],
  ['another claim comes', [{ resource: 'ResourceClaim', action: 'Add', now: other }], false],
  ['another claim is freed', [{ resource: 'ResourceClaim', action: 'Update', old: allocated, now: other }], true],
  ['another claim with devices goes', [{ resource: 'ResourceClaim', action: 'Delete', old: allocated }], true],
  ['another claim is allocated', [{ resource: 'ResourceClaim', action: 'Update', old: other, now: allocated }], false],
  [
    'its claim is allocated',
    [{ resource: 'ResourceClaim', action: 'Update', old: free, now: { ...free, status: allocated.status } as never }],
    true,
  ],
  ['its claim gets a label', [{ resource: 'ResourceClaim', action: 'Update', old: free, now: free }], false],
  ['its claims are noted', podChanges(waiting, noted), true],
  ['devices are published', [{ resource: 'ResourceSlice', action: 'Add', now: slice({}) }], true],
  ['a class comes', [{ resource: 'DeviceClass', action: 'Add', now: free }], true],
  ['a node comes', [{ resource: 'Node', action: 'Add', now: node({ name: 'n' }) }], true],
  ['a pod goes', [{ resource: 'AssignedPod', action: 'Delete', old: pod({ name: 'q' }) }], false],
])('%s', (_, events, expected) => {
  expect(wakes(dynamicResourcesEvents, waiting, events)).toBe(expected);
});

test.each<[string, string, boolean]>([
  ['for the resource it lacks', 'example.com/gpu', true],
  ['that is asked for by its name', 'deviceclass.resource.kubernetes.io/c', true],
  ['for another resource', 'example.com/other', false],
])('a class comes %s', (_, resource, expected) => {
  const now = { metadata: { name: 'c' }, spec: { extendedResourceName: 'example.com/gpu' } };
  const lacking = pod({ requests: { [resource]: '1' } });
  expect(wakes(nodeResourcesFitEvents, lacking, [{ resource: 'DeviceClass', action: 'Add', now }])).toBe(expected);
});

test('a node comes whose devices may stand for what it lacks', () => {
  const lacking = pod({ requests: { 'example.com/gpu': '1' } });
  const came: ClusterEvent[] = [{ resource: 'Node', action: 'Add', now: node({ name: 'n' }) }];
  expect(
    wakes(
      fitEvents((resource) => resource === 'example.com/gpu'),
      lacking,
      came,
    ),
  ).toBe(true);
  expect(wakes(nodeResourcesFitEvents, lacking, came)).toBe(false);
});
