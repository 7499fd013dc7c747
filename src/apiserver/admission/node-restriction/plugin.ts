import type { Store } from '../../../store/store.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import { nodeOf } from '../../authz/node/identity.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { nodes } from './nodes.ts';
import { claims, csiNodes, leases, resourceSlices, signingRequests } from './own-objects.ts';
import { podCertificates } from './pod-certificates.ts';
import { pods } from './pods.ts';
import { q, type Rule, refusal } from './rule.ts';
import { tokens } from './tokens.ts';

/** What nodes may write, by resource; everything where there is no rule. */
const rules: Readonly<Record<string, Rule>> = {
  pods,
  nodes,
  persistentvolumeclaims: claims,
  serviceaccounts: tokens,
  'leases.coordination.k8s.io': leases,
  'csinodes.storage.k8s.io': csiNodes,
  'resourceslices.resource.k8s.io': resourceSlices,
  'certificatesigningrequests.certificates.k8s.io': signingRequests,
  'podcertificaterequests.certificates.k8s.io': podCertificates,
};

/** A node writes of itself and of the pods on it, and nothing else. Source: plugin/pkg/admission/noderestriction. */
export function nodeRestriction(store: Store, authorizer: Authorizer): AdmissionPlugin {
  const world = { store, authorizer };
  return {
    name: 'NodeRestriction',
    operations: new Set(['CREATE', 'UPDATE', 'DELETE']),
    resources: new Set(Object.keys(rules)),
    mutate: (request) => {
      const node = nodeOf(request.user);
      if (node === undefined) return;
      if (node === '') throw refusal(request, `could not determine node from user ${q(request.user.name)}`);
      return rules[request.served.qualified]!(node, request, world);
    },
  };
}
