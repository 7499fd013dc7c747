import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import type { DeviceToleration, ResourceClaim, ResourceSlice } from '../../../src/api/types/resource-v1.gen.ts';
import { endOfPod, taintsOf } from '../../../src/controllers/device-taint-eviction/plan.ts';
import { claimFor, claimsToReserve, planClaim, planEntries } from '../../../src/controllers/resource-claim/plan.ts';
import { claimNameOf, claimNamesOf, claimFinalizer as finalizer } from '../../../src/resources/resource/pod-claims.ts';

const pod = (spec: Partial<NonNullable<Pod['spec']>> = {}, status: Pod['status'] = {}, name = 'p'): Pod => ({
  metadata: { name, namespace: 'default', uid: 'u' },
  spec: { containers: [], resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }], ...spec },
  status,
});
const noted = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'p-gpu-x' }] };
const owner = (uid: string) => [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }];
const claim = (metadata: ResourceClaim['metadata'] = {}, status: ResourceClaim['status'] = {}): ResourceClaim => ({
  metadata: { name: 'p-gpu-x', namespace: 'default', ownerReferences: owner('u'), ...metadata },
  spec: {},
  status,
});
const allocation = { devices: { results: [{ request: 'r', driver: 'd', pool: 'n1', device: 'gpu-0' }] } };
const user = (name: string, uid: string) => ({ resource: 'pods', name, uid });

describe('the claim of an entry', () => {
  test.each<[string, Pod, unknown]>([
    [
      'is the one that is named',
      pod({ resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] }),
      { name: 'mine', generated: false },
    ],
    ['is still to be made', pod(), undefined],
    ['is the one that was made', pod({}, noted), { name: 'p-gpu-x', generated: true }],
    ['is none when it turned out not to be needed', pod({}, { resourceClaimStatuses: [{ name: 'gpu' }] }), 'none'],
  ])('%s', (_, of, expected) => {
    expect(claimNameOf(of, of.spec!.resourceClaims![0]!)).toEqual(expected);
  });

  test('the one for extended resources is among those of the pod', () => {
    const status = { ...noted, extendedResourceClaimStatus: { resourceClaimName: 'extended', requestMappings: [] } };
    expect(claimNamesOf(pod({}, status))).toEqual(['p-gpu-x', 'extended']);
  });
});

describe('for a pod', () => {
  const plan = (of: Pod, claims: ResourceClaim[], owned: ResourceClaim[] = []) => {
    const { make, found } = planEntries(of, { claim: (name) => claims.find((c) => c.metadata.name === name), owned });
    return { make: make.map(({ name }) => name), found };
  };

  test.each<[string, Pod, ResourceClaim[], ResourceClaim[], unknown]>([
    ['a claim is made', pod(), [], [], { make: ['gpu'], found: {} }],
    ['none is made twice', pod({}, noted), [claim()], [], { make: [], found: {} }],
    ['one that was deleted is made again', pod({}, noted), [], [], { make: ['gpu'], found: {} }],
    [
      'one of another pod is not taken',
      pod({}, noted),
      [claim({ ownerReferences: owner('v') })],
      [],
      { make: ['gpu'], found: {} },
    ],
    [
      'one that was made and not noted is found',
      pod(),
      [],
      [claim({ annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' } })],
      { make: [], found: { gpu: 'p-gpu-x' } },
    ],
    [
      'one that was made for another entry is not taken',
      pod(),
      [],
      [claim({ annotations: { 'resource.kubernetes.io/pod-claim-name': 'net' } })],
      { make: ['gpu'], found: {} },
    ],
    ['one of old is found by its name', pod(), [], [claim({ name: 'p-gpu' })], { make: [], found: { gpu: 'p-gpu' } }],
    [
      'one that is not needed is not made',
      pod({}, { resourceClaimStatuses: [{ name: 'gpu' }] }),
      [],
      [],
      { make: [], found: {} },
    ],
  ])('%s', (_, of, claims, owned, expected) => {
    expect(plan(of, claims, owned)).toEqual(expected);
  });

  test('the claim is the template, with its owner', () => {
    const template = {
      metadata: {},
      spec: { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { devices: {} } },
    };
    expect(claimFor(pod(), { name: 'gpu' }, template)).toMatchObject({
      metadata: {
        generateName: 'p-gpu-',
        labels: { a: 'b' },
        annotations: { c: 'd', 'resource.kubernetes.io/pod-claim-name': 'gpu' },
        ownerReferences: [{ kind: 'Pod', name: 'p', uid: 'u', controller: true, blockOwnerDeletion: true }],
      },
      spec: { devices: {} },
    });
    const long = claimFor(pod({}, {}, 'p'.repeat(60)), { name: 'g'.repeat(60) }, template).metadata.generateName!;
    expect(long).toMatch(/^p{28}-g{28}$/);
  });

  test('that was put on a node its claims are reserved', () => {
    const names = (of: Pod, found: ResourceClaim) =>
      claimsToReserve(of, { claim: () => found, owned: [] }).map((c) => c.metadata.name);
    const placed = pod({ nodeName: 'n1' }, noted);
    expect(names(placed, claim({}, { allocation }))).toEqual(['p-gpu-x']);
    expect(names(pod({}, noted), claim({}, { allocation }))).toEqual([]);
    expect(names(placed, claim())).toEqual([]);
    expect(names(placed, claim({}, { allocation, reservedFor: [user('p', 'u')] }))).toEqual([]);
    expect(names(placed, claim({ ownerReferences: owner('v') }, { allocation }))).toEqual([]);
    const full = Array.from({ length: 256 }, (_, i) => user(`p${i}`, `u${i}`));
    expect(names(placed, claim({}, { allocation, reservedFor: full }))).toEqual([]);
  });
});

describe('a claim', () => {
  const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  const [a, b] = [user('a', 'u1'), user('b', 'u2')];

  test.each<[string, ResourceClaim, ReturnType<typeof user>[], unknown]>([
    ['is left alone', claim({}, { allocation, reservedFor: [a] }), [a], { deallocate: false, release: false }],
    [
      'loses who is gone',
      claim({}, { allocation, reservedFor: [a, b] }),
      [b],
      { reservedFor: [b], deallocate: false, release: false },
    ],
    [
      'gives its devices back with its last user',
      claim({ finalizers: [finalizer] }, { allocation, reservedFor: [a] }),
      [],
      { reservedFor: [], deallocate: true, release: true },
    ],
    [
      'keeps what nobody has used yet',
      claim({ finalizers: [finalizer] }, { allocation }),
      [],
      { deallocate: false, release: false },
    ],
    [
      'that is being deleted gives it back',
      claim({ ...going, finalizers: [finalizer] }, { allocation }),
      [],
      { deallocate: true, release: true },
    ],
    [
      'that is being deleted is let go',
      claim({ ...going, finalizers: [finalizer] }),
      [],
      { deallocate: false, release: true },
    ],
  ])('%s', (_, of, valid, expected) => {
    expect(planClaim(of, valid)).toEqual(expected);
  });
});

describe('a pod with a tainted device', () => {
  const added = '2026-01-01T00:00:00Z';
  const taint = (effect: 'NoExecute' | 'NoSchedule' = 'NoExecute') => ({
    key: 'broken',
    value: 'yes',
    effect,
    timeAdded: added,
  });
  const slice = (generation: number, taints: ReturnType<typeof taint>[]): ResourceSlice => ({
    metadata: { name: `s${generation}` },
    spec: {
      driver: 'd',
      pool: { name: 'n1', generation, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0', taints }],
    },
  });
  const end = (
    tolerations: DeviceToleration[],
    slices = [slice(1, [taint()])],
    of = pod({ nodeName: 'n1' }, noted),
  ) => {
    const results = [{ ...allocation.devices.results[0]!, tolerations }];
    const found = claim({}, { allocation: { devices: { results } }, reservedFor: [user('p', 'u')] });
    return endOfPod(
      of,
      () => found,
      () => slices,
    );
  };
  const exists = { key: 'broken', operator: 'Exists', effect: 'NoExecute' } as const;

  test.each<[string, DeviceToleration[], number | undefined]>([
    ['goes at once', [], 0],
    ['stays when it tolerates that', [exists], undefined],
    ['goes after a time when it tolerates that for so long', [{ ...exists, tolerationSeconds: 30 }], 30],
    [
      'goes after the shortest of its times',
      [
        { ...exists, tolerationSeconds: 30 },
        { ...exists, tolerationSeconds: 10 },
      ],
      10,
    ],
    ['goes when it tolerates something else', [{ ...exists, key: 'other' }], 0],
    [
      'goes when it tolerates another value',
      [{ key: 'broken', operator: 'Equal', value: 'no', effect: 'NoExecute' }],
      0,
    ],
    ['goes when what it tolerates is not this effect', [{ key: 'broken', operator: 'Exists' }], 0],
  ])('%s', (_, tolerations, seconds) => {
    expect(end(tolerations)).toBe(seconds === undefined ? undefined : Date.parse(added) + seconds * 1000);
  });

  test('stays when the taint is not for it, is of an old slice, or it is not on a node', () => {
    expect(end([], [slice(1, [taint('NoSchedule')])])).toBeUndefined();
    expect(end([], [slice(1, [taint()]), slice(2, [])])).toBeUndefined();
    expect(end([], undefined, pod({}, noted))).toBeUndefined();
    expect(taintsOf([slice(2, [taint()]), slice(1, [])], 'gpu-0')).toHaveLength(1);
  });
});
