import type { AdmissionOperation, AdmissionRequest } from '../../src/apiserver/admission/admission.ts';
import type { Served, ServedTable } from '../../src/apiserver/registry/served.ts';

/** A resource of a table by its path: "v1/pods", "apps/v1/deployments". */
export function servedAt(table: ServedTable, path: string): Served {
  const [resource = '', version = '', group = ''] = path.split('/').reverse();
  const served = table.find(group, version, resource);
  if (!served) throw new Error(`${path} is not served`);
  return served;
}

/** A write as admission sees it: `write(table, 'CREATE', 'apps/v1/deployments/scale')`. */
export function write(
  table: ServedTable,
  operation: AdmissionOperation,
  path: string,
  more: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  const [main = '', subresource = ''] = path.split(':');
  const asked = servedAt(table, main);
  return {
    operation,
    served: asked.stored ?? asked,
    asked,
    subresource,
    namespace: asked.namespaced ? 'default' : '',
    name: 'it',
    user: { name: 'alice', groups: ['system:authenticated'] },
    object: undefined,
    old: undefined,
    dryRun: false,
    options: {},
    warn: () => {},
    signal: () => undefined,
    reinvocation: undefined,
    ...more,
  };
}
