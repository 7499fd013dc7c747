import type { KubeObject } from '../../src/api/object.ts';
import type { StatusError } from '../../src/api/status.ts';
import type { TestApi } from './api-server.ts';

/** Policies and bindings in short, and what a server says to writes that they are held against. */

const group = 'admissionregistration.k8s.io/v1';

/** Rules that name one resource: `rule('apps/v1/deployments', 'CREATE', 'UPDATE')`. */
export function rule(path: string, ...operations: string[]): Record<string, unknown> {
  const [resource, version, apiGroup = ''] = path.split('/').reverse() as [string, string, string?];
  const resources = [resource.replace(':', '/')];
  return {
    apiGroups: [apiGroup],
    apiVersions: [version],
    resources,
    operations: operations.length ? operations : ['*'],
  };
}

const create = (api: TestApi, plural: string, name: string, spec: Record<string, unknown>): Promise<KubeObject> =>
  api.call('create', `${group}/${plural}`, { namespace: '', object: { metadata: { name }, spec } });

/** A ValidatingAdmissionPolicy and, unless told otherwise, a binding of the same name that denies. */
export async function validatingPolicy(
  api: TestApi,
  name: string,
  spec: Record<string, unknown> & { rules?: unknown[] },
  binding: Record<string, unknown> | null = {},
): Promise<void> {
  const { rules = [rule('v1/configmaps', 'CREATE', 'UPDATE')], ...rest } = spec;
  await create(api, 'validatingadmissionpolicies', name, { matchConstraints: { resourceRules: rules }, ...rest });
  if (binding) await validatingBinding(api, name, { policyName: name, ...binding });
}

export const validatingBinding = (api: TestApi, name: string, spec: Record<string, unknown>): Promise<KubeObject> =>
  create(api, 'validatingadmissionpolicybindings', name, { validationActions: ['Deny'], ...spec });

/** A MutatingAdmissionPolicy with a binding of the same name. */
export async function mutatingPolicy(
  api: TestApi,
  name: string,
  spec: Record<string, unknown> & { rules?: unknown[] },
  binding: Record<string, unknown> = {},
): Promise<void> {
  const { rules = [rule('v1/configmaps', 'CREATE', 'UPDATE')], ...rest } = spec;
  await create(api, 'mutatingadmissionpolicies', name, {
    matchConstraints: { resourceRules: rules },
    reinvocationPolicy: 'Never',
    ...rest,
  });
  await create(api, 'mutatingadmissionpolicybindings', name, { policyName: name, ...binding });
}

export const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
export const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

/** Creates a ConfigMap. */
export const configMap = (
  api: TestApi,
  name: string,
  data: Record<string, string> = {},
  more: { namespace?: string; labels?: Record<string, string> } = {},
): Promise<KubeObject> =>
  api.call('create', 'configmaps', {
    ...(more.namespace && { namespace: more.namespace }),
    object: { metadata: { name, ...(more.labels && { labels: more.labels }) }, data },
  });

/** The Status a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<StatusError['status']> {
  try {
    await call;
  } catch (error) {
    return (error as StatusError).status;
  }
  throw new Error('the call was not refused');
}
