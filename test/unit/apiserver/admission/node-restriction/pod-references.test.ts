import { expect, test } from 'vitest';
import type { Pod } from '../../../../../src/api/types/core-v1.gen.ts';
import { referenceOf } from '../../../../../src/apiserver/admission/node-restriction/pod-references.ts';

const containers = [{ name: 'c' }];
const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] });
const projected = (source: object) => volume({ projected: { sources: [source] } });
const env = (valueFrom: object) => ({ containers: [{ name: 'c', env: [{ name: 'E', valueFrom }] }] });

test.each<[object, string | undefined]>([
  [{}, undefined],
  [volume({ emptyDir: {} }), undefined],
  [volume({ hostPath: { path: '/' } }), undefined],
  [projected({ downwardAPI: {} }), undefined],
  [env({ fieldRef: { fieldPath: 'metadata.name' } }), undefined],
  [volume({ iscsi: { lun: 1 } }), undefined],
  [{ serviceAccountName: 'a' }, 'serviceaccounts'],
  [{ imagePullSecrets: [{ name: 's' }] }, 'secrets'],
  [env({ secretKeyRef: { key: 'k' } }), 'secrets'],
  [{ initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 's' } }] }] }, 'secrets'],
  [volume({ secret: { secretName: 's' } }), 'secrets'],
  [volume({ cephfs: { secretRef: { name: 's' } } }), 'secrets'],
  [volume({ azureFile: { secretName: 's' } }), 'secrets'],
  [volume({ csi: { driver: 'd', nodePublishSecretRef: { name: 's' } } }), 'secrets'],
  [projected({ secret: { name: 's' } }), 'secrets'],
  [env({ configMapKeyRef: { key: 'k' } }), 'configmaps'],
  [volume({ configMap: { name: 'm' } }), 'configmaps'],
  [projected({ configMap: { name: 'm' } }), 'configmaps'],
  [{ resourceClaims: [{ name: 'r' }] }, 'resourceclaims'],
  [volume({ csi: { driver: 'd' } }), 'csidrivers (via CSI volumes)'],
  [volume({ glusterfs: { endpoints: 'e' } }), 'endpoints (via glusterFS volumes)'],
  [volume({ persistentVolumeClaim: { claimName: 'c' } }), 'persistentvolumeclaims'],
  [volume({ ephemeral: {} }), 'persistentvolumeclaims (via ephemeral volumes)'],
  [projected({ serviceAccountToken: { path: 't' } }), 'serviceaccounts (via projected volumes)'],
  [projected({ clusterTrustBundle: { path: 't' } }), 'clustertrustbundles'],
  [projected({ podCertificate: { signerName: 's' } }), 'podcertificates'],
])('%j refers to %s', (spec, reference) => {
  expect(referenceOf({ metadata: {}, spec: { containers, ...spec } } as Pod)).toBe(reference);
});
