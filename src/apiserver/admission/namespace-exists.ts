import { notFound } from '../../api/status.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

const namespaces = { group: '', resource: 'namespaces' };

/** Nothing is written in a namespace that is not there. Source: plugin/pkg/admission/namespace/exists. */
export function namespaceExists(store: Store): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    operations: new Set(['CREATE', 'UPDATE', 'DELETE']),
    validate: ({ served, namespace }) => {
      if (!namespace || served.qualified === 'namespaces') return;
      if (!store.head({ resource: 'namespaces', namespace: '', name: namespace }))
        throw notFound(namespaces, namespace);
    },
  };
}
