import type { OwnerReference } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import { forbidden } from '../../api/status.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { ServedTable } from '../registry/served.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

/**
 * Owners are changed by those only who may delete what is owned, and deletion of an owner is held up by those only who may
 * set its finalizers. Source: plugin/pkg/admission/gc.
 */
export function ownerReferences(authorizer: Authorizer, table: ServedTable): AdmissionPlugin {
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    operations: new Set(['CREATE', 'UPDATE']),
    validate: (request) => {
      const { served, subresource, object, old, operation } = request;
      // The status of pods changes no owners, whatever kubelets send.
      if (!object || (served.qualified === 'pods' && subresource === 'status')) return;
      const owners = object.metadata?.ownerReferences ?? [];
      const before = old?.metadata.ownerReferences ?? [];
      if (sameValue(owners, before)) return;
      if (operation === 'UPDATE') mayDelete(authorizer, request);
      for (const owner of owners)
        if (blocks(owner) && !wasBlocking(before, owner)) mayBlock(authorizer, table, request, owner);
    },
  };
}

const blocks = ({ blockOwnerDeletion }: OwnerReference) => blockOwnerDeletion === true;
const wasBlocking = (before: readonly OwnerReference[], { uid }: OwnerReference) =>
  before.some((owner) => owner.uid === uid && blocks(owner));

function mayDelete(authorizer: Authorizer, { served, subresource, namespace, name, user }: AdmissionRequest): void {
  const { group, resource } = served;
  const asked = { verb: 'delete', group, resource, subresource, namespace, name };
  if (authorizer.allowed(user, asked)) return;
  const why = authorizer.reason(user, asked);
  throw forbidden(served, name, `cannot set an ownerRef on a resource you can't delete: ${why}, <nil>`);
}

function mayBlock(authorizer: Authorizer, table: ServedTable, request: AdmissionRequest, owner: OwnerReference): void {
  const { served, namespace, name, user } = request;
  const { apiVersion, kind } = owner;
  const found = table.findKind(apiVersion, kind);
  if (!found) {
    const what = `cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}`;
    const why = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
    throw forbidden(served, name, `cannot set blockOwnerDeletion in this case because ${what}: ${why}`);
  }
  const asked = {
    verb: 'update',
    group: found.group,
    resource: found.resource,
    subresource: 'finalizers',
    namespace: found.namespaced ? namespace : '',
    name: owner.name,
  };
  if (authorizer.allowed(user, asked)) return;
  const why = authorizer.reason(user, asked);
  const what = "an ownerReference refers to a resource you can't set finalizers on";
  throw forbidden(served, name, `cannot set blockOwnerDeletion if ${what}: ${why}, <nil>`);
}
