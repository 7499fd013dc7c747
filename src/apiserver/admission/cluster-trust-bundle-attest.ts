import { forbidden } from '../../api/status.ts';
import type { ClusterTrustBundle } from '../../api/types/certificates-v1beta1.gen.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import { mayForSigner } from '../authz/signers.ts';
import { sameTree } from '../registry/equality.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Whom a signer is known by is said by those only who may attest for it. Source: plugin/pkg/admission/certificates/ctbattest. */
export const clusterTrustBundleAttest = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'ClusterTrustBundleAttest',
  operations: new Set(['CREATE', 'UPDATE']),
  resources: new Set(['clustertrustbundles.certificates.k8s.io']),
  validate: ({ object, old, user, served, name }) => {
    const { spec } = object as unknown as ClusterTrustBundle;
    const before = (old as unknown as ClusterTrustBundle | undefined)?.spec;
    if (before && sameTree(before, spec)) return;
    const { signerName } = spec;
    if (!signerName || mayForSigner(authorizer, user, 'attest', signerName)) return;
    throw forbidden(served, name, `user not permitted to attest for signerName ${JSON.stringify(signerName)}`);
  },
});
