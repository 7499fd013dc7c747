import type { KubeObject } from '../../../api/object.ts';
import type { CertificateSigningRequest } from '../../../api/types/certificates-v1.gen.ts';
import type { PersistentVolumeClaim } from '../../../api/types/core-v1.gen.ts';
import type { ResourceSlice } from '../../../api/types/resource-v1.gen.ts';
import { BadRequestPem, readSigningRequest } from '../../../pki/signing-requests.ts';
import { sameTree } from '../../registry/equality.ts';
import { nameOf } from '../matching/target.ts';
import { q, type Rule, refusal } from './rule.ts';

/** Objects of which every node has some of its own. */

const leaseNamespace = 'kube-node-lease';

/** Every node renews its own lease. */
export const leases: Rule = (node, request) => {
  if (request.namespace !== leaseNamespace)
    throw refusal(request, `can only access leases in the ${q(leaseNamespace)} system namespace`);
  if (nameOf(request) !== node)
    throw refusal(request, 'can only access node lease with the same name as the requesting node');
};

/** Every node says which drivers are on it. */
export const csiNodes: Rule = (node, request) => {
  if (nameOf(request) !== node)
    throw refusal(request, 'can only access CSINode with the same name as the requesting node');
};

const nodeOfSlice = (object: KubeObject | undefined) => (object as unknown as ResourceSlice | undefined)?.spec.nodeName;

/** Every node says which devices are on it. Updates are told apart by whoever authorizes them. */
export const resourceSlices: Rule = (node, request) => {
  const { operation, object, old } = request;
  if (operation === 'CREATE' && nodeOfSlice(object as KubeObject) !== node)
    throw refusal(request, 'can only create ResourceSlice with the same NodeName as the requesting node');
  if (operation === 'DELETE' && nodeOfSlice(old) !== node)
    throw refusal(request, 'can only delete ResourceSlice with the same NodeName as the requesting node');
};

const kubeletSigners: ReadonlySet<string> = new Set([
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/kube-apiserver-client-kubelet',
]);

/** Nodes ask for certificates in their own name. */
export const signingRequests: Rule = (node, request) => {
  if (request.operation !== 'CREATE') return;
  const { spec } = request.object as unknown as CertificateSigningRequest;
  if (!kubeletSigners.has(spec.signerName)) return;
  return readSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1')).then(
    ({ subject }) => {
      if (subject.commonName !== `system:node:${node}`)
        throw refusal(request, `can only create a node CSR with CN=system:node:${node}`);
    },
    (error: unknown) => {
      if (error instanceof BadRequestPem) throw refusal(request, `unable to parse csr: ${error.message}`);
      throw error;
    },
  );
};

/** Nodes tell how claims grow, and nothing else of them. */
export const claims: Rule = (node, request) => {
  if (request.subresource !== 'status') throw refusal(request, 'may only update PVC status');
  if (request.operation !== 'UPDATE') throw refusal(request, `unexpected operation ${q(request.operation)}`);
  if (sameTree(unresized(request.old), unresized(request.object as KubeObject))) return;
  const fields = 'status.quantity and status.conditions';
  throw refusal(request, `node ${q(node)} is not allowed to update fields other than ${fields}`);
};

/** A claim without what resizing it changes. */
function unresized(object: KubeObject | undefined) {
  const { metadata, status = {}, ...rest } = object as unknown as PersistentVolumeClaim;
  const { resourceVersion, managedFields, ...meta } = metadata;
  const { capacity, conditions, allocatedResources, allocatedResourceStatuses, ...others } = status;
  return { ...rest, metadata: meta, status: others };
}
