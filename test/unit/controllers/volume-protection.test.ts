import { expect, it } from 'vitest';
import type { ObjectMeta } from '../../../src/api/object.ts';
import type { PersistentVolumeClaim, Pod, PodSpec, Volume } from '../../../src/api/types/core-v1.gen.ts';
import { keepsClaim, mayRelease } from '../../../src/controllers/persistent-volume-claim-protection/plan.ts';

const uses: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'c' } };
const own: Volume = { name: 'scratch', ephemeral: {} };

const pod = (volume: Volume, spec: Partial<PodSpec> = { nodeName: 'n' }, metadata: ObjectMeta = {}): Pod => ({
  metadata: { name: 'p', namespace: 'ns', uid: 'u', ...metadata },
  spec: { containers: [], volumes: [volume], ...spec },
});

const claim = (name: string, owner?: string): PersistentVolumeClaim => ({
  metadata: {
    name,
    namespace: 'ns',
    ...(owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: owner, controller: true }] }),
  },
});

const shutDown = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 };

it.each<[string, Pod, PersistentVolumeClaim, boolean]>([
  ['a pod on a node', pod(uses), claim('c'), true],
  ['a pod on a node that is being deleted', pod(uses, { nodeName: 'n' }, shutDown), claim('c'), true],
  ['a pod without a node', pod(uses, {}), claim('c'), false],
  ['a pod with another claim', pod(uses), claim('d'), false],
  ['a pod elsewhere', pod(uses, { nodeName: 'n' }, { namespace: 'other' }), claim('c'), false],
  ['a pod that the claim was made for', pod(own), claim('p-scratch', 'u'), true],
  ['a namesake of the pod that the claim was made for', pod(own), claim('p-scratch', 'v'), false],
  [
    'a pod that has shut down, for its own claim',
    pod(own, { nodeName: 'n' }, shutDown),
    claim('p-scratch', 'u'),
    false,
  ],
])('%s keeps a claim: %s', (_, subject, used, expected) => {
  expect(keepsClaim(subject, used)).toBe(expected);
});

it('only a pod that has ended, has no node or has shut down may have let go', () => {
  expect(mayRelease(pod(uses))).toBe(false);
  expect(mayRelease({ ...pod(uses), status: { phase: 'Succeeded' } })).toBe(true);
  expect(mayRelease(pod(uses, {}))).toBe(true);
  expect(mayRelease(pod(uses, { nodeName: 'n' }, shutDown))).toBe(true);
});
