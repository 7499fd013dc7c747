import { nameIsPathSegment } from '../../api/names.ts';
import type { ClusterTrustBundle } from '../../api/types/certificates-v1beta1.gen.ts';
import { nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateBundle, validateBundleUpdate } from './cluster-trust-bundle-rules.ts';

export const clusterTrustBundle = defineResource<ClusterTrustBundle>({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  resource: 'clustertrustbundles',
  kind: 'ClusterTrustBundle',
  unconditionalUpdate: false,
  // How it must be named depends on its signer, which `validate` knows.
  validateName: nameIsPathSegment,
  validate: validateBundle,
  validateUpdate: validateBundleUpdate,
  columns: [nameColumn, text('SignerName', ({ spec }) => spec.signerName || '<none>')],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName ?? '' },
});
