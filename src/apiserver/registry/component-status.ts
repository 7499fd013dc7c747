import type { KubeObject } from '../../api/object.ts';
import { notFound } from '../../api/status.ts';
import type { Entry } from '../../store/store.ts';
import type { Handler } from './execute.ts';
import { named } from './operation.ts';
import { unstoredEntry } from './unstored-entry.ts';

const components = ['controller-manager', 'etcd-0', 'scheduler'];

/** componentstatuses, long deprecated: in one process all parts are as well as the one that answers. */
export const componentStatuses: Handler = (_registry, op) => {
  if (!op.name) return { as: 'list', entries: components.map(entryOf), metadata: {} };
  if (!components.includes(op.name)) throw notFound(named(op), op.name);
  return { as: 'entry', code: 200, entry: entryOf(op.name) };
};

function entryOf(name: string): Entry {
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'ComponentStatus',
    metadata: { name },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  };
  return unstoredEntry('componentstatuses', object);
}
