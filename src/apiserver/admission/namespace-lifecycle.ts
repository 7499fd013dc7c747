import type { KubeObject } from '../../api/object.ts';
import { forbidden, notFound, StatusError } from '../../api/status.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const namespaces = { group: '', resource: 'namespaces' };

/** Namespaces that may not be deleted. */
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Reviews are asked in a namespace, not created in it. */
const reviews: ReadonlySet<string> = new Set(['localsubjectaccessreviews.authorization.k8s.io']);

/**
 * Nothing is created in a namespace that is missing or going away, and the cluster's own namespaces stay.
 * Source: apiserver `admission/plugin/namespace/lifecycle`.
 */
export function namespaceLifecycle(store: Store): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    operations: new Set(['CREATE', 'DELETE']),
    mutate: (request) => (request.operation === 'DELETE' ? checkDelete(request) : checkCreate(store, request)),
  };
}

function checkDelete({ served, name }: AdmissionRequest): void {
  if (served.qualified === 'namespaces' && immortal.has(name))
    throw forbidden(namespaces, name, 'this namespace may not be deleted');
}

function checkCreate(store: Store, { served, subresource, namespace, name }: AdmissionRequest): void {
  if (!served.namespaced || !namespace || reviews.has(served.qualified)) return;
  // The pending head: a namespace being created in this turn counts, and so does one being deleted.
  const head = store.head({ resource: 'namespaces', namespace: '', name: namespace });
  if (!head) throw notFound(namespaces, namespace);
  if (subresource || !isTerminating(head.object)) return;
  const refusal = forbidden(
    served,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  throw new StatusError('Forbidden', refusal.message, {
    ...refusal.status.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}

const isTerminating = (namespace: KubeObject) =>
  namespace.metadata.deletionTimestamp !== undefined ||
  (namespace['status'] as { phase?: string } | undefined)?.phase === 'Terminating';
