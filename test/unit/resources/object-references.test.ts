import { expect, test } from 'vitest';
import type { PersistentVolume, PodSpec } from '../../../src/api/types/core-v1.gen.ts';
import {
  configMapNames,
  secretNames,
  volumeClaimNames,
  volumeSecretKeys,
} from '../../../src/resources/rules/object-references.ts';

const spec = {
  imagePullSecrets: [{ name: 'pull' }],
  initContainers: [{ name: 'i', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } }] }],
  containers: [
    { name: 'c', envFrom: [{ secretRef: { name: 'from' } }, { configMapRef: { name: 'map-from' } }] },
    { name: 'd', env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'map-env', key: 'k' } } }, { name: 'F' }] },
  ],
  ephemeralContainers: [{ name: 'e', envFrom: [{ secretRef: { name: 'debug' } }] }],
  volumes: [
    { name: 'a', secret: { secretName: 'mounted' } },
    { name: 'b', azureFile: { secretName: 'azure', shareName: 's' } },
    { name: 'c', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } },
    { name: 'd', rbd: { secretRef: { name: 'rbd' } } },
    { name: 'e', iscsi: {} },
    {
      name: 'f',
      projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'map-projected' } }] },
    },
    { name: 'g', configMap: { name: 'map-mounted' } },
    { name: 'h', persistentVolumeClaim: { claimName: 'claim' } },
    { name: 'i', ephemeral: {} },
  ],
} as unknown as PodSpec;

test('what a pod names', () => {
  expect(secretNames(spec)).toEqual(['pull', 'env', 'from', 'debug', 'mounted', 'azure', 'csi', 'rbd', 'projected']);
  expect(configMapNames(spec)).toEqual(['map-from', 'map-env', 'map-mounted', 'map-projected']);
  expect(volumeClaimNames('p', spec)).toEqual(['claim', 'p-i']);
  expect(secretNames({ containers: [] })).toEqual([]);
});

const claimRef = { namespace: 'd', name: 'c' };
test.each<[string, object, string[]]>([
  ['no secret', { hostPath: {} }, []],
  ['a driver of nodes', { csi: { nodeStageSecretRef: { namespace: 'n', name: 's' } } }, ['n/s']],
  ['a driver of controllers', { csi: { controllerPublishSecretRef: { namespace: 'n', name: 's' } } }, []],
  ['a secret beside the claim', { cephfs: { secretRef: { name: 's' } } }, ['d/s']],
  ['a secret elsewhere', { cephfs: { secretRef: { name: 's', namespace: 'n' } } }, ['n/s']],
  ['shares of Azure', { azureFile: { secretName: 's', secretNamespace: 'n' } }, ['n/s']],
  ['shares of Azure beside the claim', { azureFile: { secretName: 's' } }, ['d/s']],
])('secrets of a volume with %s', (_, source, keys) => {
  expect(volumeSecretKeys({ spec: { claimRef, ...source } } as unknown as PersistentVolume)).toEqual(keys);
});
