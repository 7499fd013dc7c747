import { StatusError } from '../../api/status.ts';
import type { Transport } from '../../client/call.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './admission.ts';

const resource = { group: '', version: 'v1', resource: 'namespaces' };

/** A namespace is made when something is created in it. Source: plugin/pkg/admission/namespace/autoprovision. */
export function namespaceAutoProvision(store: Store, transport: () => Transport): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    operations: new Set(['CREATE']),
    mutate: ({ served, namespace, dryRun }) => {
      if (dryRun || !namespace || served.qualified === 'namespaces') return;
      if (store.head({ resource: 'namespaces', namespace: '', name: namespace })) return;
      return make(transport(), namespace);
    },
  };
}

async function make(transport: Transport, name: string): Promise<void> {
  try {
    await transport.call({ verb: 'create', resource, object: { metadata: { name } } });
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
  }
}
