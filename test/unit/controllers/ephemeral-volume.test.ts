import { expect, it } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '../../../src/api/types/core-v1.gen.ts';
import { ephemeralClaims } from '../../../src/controllers/ephemeral-volume/plan.ts';

const spec = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } };
const pod: Pod = {
  metadata: { name: 'p', namespace: 'ns', uid: 'u' },
  spec: {
    containers: [],
    volumes: [
      {
        name: 'a',
        ephemeral: { volumeClaimTemplate: { metadata: { labels: { l: '1' }, annotations: { n: '2' } }, spec } },
      },
      { name: 'b', persistentVolumeClaim: { claimName: 'p-a' } },
      { name: 'c', emptyDir: {} },
    ],
  },
};
const owned = (uid: string): PersistentVolumeClaim => ({
  metadata: {
    name: 'p-a',
    namespace: 'ns',
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }],
  },
});

it('a claim is made of the template and belongs to the pod', () => {
  expect(ephemeralClaims(pod, () => undefined)).toEqual([
    {
      volume: 'a',
      create: {
        metadata: {
          name: 'p-a',
          namespace: 'ns',
          labels: { l: '1' },
          annotations: { n: '2' },
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: true, blockOwnerDeletion: true },
          ],
        },
        spec,
      },
    },
  ]);
});

it("one that is there is the pod's, or it is told whose it is not", () => {
  expect(ephemeralClaims(pod, () => owned('u'))).toEqual([]);
  const foreign = 'PVC ns/p-a was not created for pod ns/p (pod is not owner)';
  expect(ephemeralClaims(pod, () => owned('v'))).toEqual([{ volume: 'a', foreign }]);
  expect(ephemeralClaims(pod, () => ({ metadata: { name: 'p-a', namespace: 'ns' } }))).toEqual([
    { volume: 'a', foreign },
  ]);
});
