import type { KubeObject } from '../../api/object.ts';
import type { ServedApis } from '../../api/served-apis.ts';
import type { Transport } from '../../client/call.ts';
import { resources } from '../../resources/index.ts';
import { bootstrapRbac } from '../../resources/rbac/bootstrap-roles.ts';
import { builtInApiServices } from './api-services.ts';
import { ensureObjects, type ResourceOf } from './ensure.ts';
import { ensureFlowControl } from './flow-control.ts';
import { systemPriorityClasses } from './objects.ts';

const kinds = new Map(resources.map((r) => [`${r.group}/${r.kind}`, r]));

/** How the built-in kinds are addressed. */
export const resourceOf: ResourceOf = (apiVersion, kind) => {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
  const { version, resource } = kinds.get(`${group}/${kind}`)!;
  return { group, version, resource };
};

/** Makes sure of what is the same in every cluster that serves the same: roles, priority classes, API services, flow control. */
export async function ensureFixedObjects(transport: Transport, apis: ServedApis): Promise<void> {
  const objects: readonly KubeObject[] = [...bootstrapRbac, ...systemPriorityClasses, ...builtInApiServices(apis)];
  await Promise.all([ensureObjects(transport, resourceOf, objects, 'create'), ensureFlowControl(transport)]);
}
