import type { OwnerReference } from '../../../api/object.ts';
import { sameValue } from '../../../api/object-meta.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import { mirrorAnnotation } from '../../../resources/rules/pod-annotations.ts';
import { sameTree } from '../../registry/equality.ts';
import type { AdmissionRequest } from '../admission.ts';
import { referenceOf } from './pod-references.ts';
import { nodeObject, podOf, q, type Rule, refusal, type World } from './rule.ts';

/** Nodes make pods of their own files, and speak of their own pods only. */
export const pods: Rule = (node, request, world) => {
  const rule = Object.hasOwn(parts, request.subresource) ? parts[request.subresource] : undefined;
  if (rule) return rule(node, request, world);
  const allowed = "only 'status' and 'eviction' are allowed";
  throw refusal(request, `unexpected pod subresource ${q(request.subresource)}, ${allowed}`);
};

const whole: Rule = (node, request, world) => {
  const { operation, namespace, name } = request;
  if (operation === 'CREATE') return create(node, request, world);
  if (operation !== 'DELETE')
    throw refusal(
      request,
      `unexpected operation ${q(operation)}, node ${q(node)} can only create and delete mirror pods`,
    );
  if (podOf(world, namespace, name).spec?.nodeName !== node)
    throw refusal(request, `node ${q(node)} can only delete pods with spec.nodeName set to itself`);
};

function create(node: string, request: AdmissionRequest, world: World): void {
  const pod = request.object as unknown as Pod;
  const only = `node ${q(node)} can only create`;
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined)
    throw refusal(request, `pod does not have ${q(mirrorAnnotation)} annotation, ${only} mirror pods`);
  if (pod.spec?.nodeName !== node) throw refusal(request, `${only} pods with spec.nodeName set to itself`);
  checkOwners(node, request, pod.metadata.ownerReferences ?? [], world);
  const reference = referenceOf(pod);
  if (reference !== undefined)
    throw refusal(request, `node ${q(node)} can not create pods that reference ${reference}`);
}

function checkOwners(node: string, request: AdmissionRequest, owners: readonly OwnerReference[], world: World): void {
  const only = `node ${q(node)} can only create pods with`;
  if (owners.length > 1) throw refusal(request, `${only} a single owner reference set to itself`);
  const owner = owners[0];
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    throw refusal(request, `${only} an owner reference set to itself`);
  if (!owner.controller) throw refusal(request, `${only} a controller owner reference set to itself`);
  if (owner.blockOwnerDeletion)
    throw refusal(request, `node ${q(node)} must not set blockOwnerDeletion on an owner reference`);
  const { uid } = nodeObject(world, node).metadata;
  if (owner.uid !== uid) throw refusal(request, `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`);
}

const status: Rule = (node, request) => {
  if (request.operation !== 'UPDATE') throw refusal(request, `unexpected operation ${q(request.operation)}`);
  const [old, pod] = [request.old, request.object] as unknown as [Pod, Pod];
  if (old.spec?.nodeName !== node)
    throw refusal(request, `node ${q(node)} can only update pod status for pods with spec.nodeName set to itself`);
  if (!sameValue(old.metadata.labels ?? {}, pod.metadata.labels ?? {}))
    throw refusal(request, `node ${q(node)} cannot update labels through pod status`);
  if (!sameTree(claimNames(old), claimNames(pod)))
    throw refusal(request, `node ${q(node)} cannot update resource claim statues`);
  if (!sameTree(old.status?.extendedResourceClaimStatus, pod.status?.extendedResourceClaimStatus))
    throw refusal(request, `node ${q(node)} cannot update extended resource claim status`);
};

const claimNames = ({ status: { resourceClaimStatuses = [] } = {} }: Pod) =>
  resourceClaimStatuses.map(({ name, resourceClaimName }) => ({
    name,
    ...(resourceClaimName && { resourceClaimName }),
  }));

const eviction: Rule = (node, request, world) => {
  if (request.operation !== 'CREATE') throw refusal(request, `unexpected operation ${request.operation}`);
  if (podOf(world, request.namespace, request.name).spec?.nodeName !== node)
    throw refusal(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
};

const parts: Readonly<Record<string, Rule>> = { '': whole, status, eviction };
