import { badRequest } from '../api/status.ts';
import type { Call, CallOptions } from './call.ts';

/** The HTTP method of each verb. */
export const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const;

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A call as HTTP sees it. */
export interface WireRequest {
  readonly method: (typeof methods)[Call['verb']];
  /** Path and query. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** Options that travel in the query as they are; the rest are DeleteOptions, or of the in-process transport only. */
const queryOptions = [
  'labelSelector',
  'fieldSelector',
  'metricLabelSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'timeoutSeconds',
  'fieldManager',
  'fieldValidation',
  'force',
] as const satisfies readonly (keyof CallOptions)[];

/** Writes a call as an HTTP request. */
export function wireRequest(call: Call): WireRequest {
  const method = methods[call.verb];
  const path = `${pathOf(call)}${queryOf(call)}`;
  if (call.verb === 'patch') {
    if (!call.patch) throw badRequest('a patch call needs a patch');
    return { method, path, contentType: patchTypes[call.patch.type], body: JSON.stringify(call.patch.body) };
  }
  const body = method === 'DELETE' ? deleteOptions(call.options ?? {}) : call.object;
  return { method, path, ...(body !== undefined && { contentType: 'application/json', body: JSON.stringify(body) }) };
}

function pathOf({ resource: { group, version, resource }, namespace, name, subresource }: Call): string {
  const parts = group ? ['apis', group, version] : ['api', version];
  if (namespace) parts.push('namespaces', namespace);
  parts.push(resource);
  if (name) parts.push(name);
  if (subresource) parts.push(subresource);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

function queryOf({ verb, options = {} }: Call): string {
  const query = new URLSearchParams();
  if (verb === 'watch') query.set('watch', 'true');
  for (const key of queryOptions) if (options[key] !== undefined) query.set(key, String(options[key]));
  if (options.dryRun && verb !== 'delete' && verb !== 'deletecollection') query.set('dryRun', 'All');
  const text = query.toString();
  return text && `?${text}`;
}

function deleteOptions(options: CallOptions): object | undefined {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = options;
  const given = {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy && { propagationPolicy }),
    ...(orphanDependents !== undefined && { orphanDependents }),
    ...(preconditions && { preconditions }),
    ...(dryRun && { dryRun: ['All'] }),
  };
  return Object.keys(given).length > 0 ? { kind: 'DeleteOptions', apiVersion: 'v1', ...given } : undefined;
}
