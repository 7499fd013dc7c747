import type { KubeObject } from '../../../api/object.ts';
import { notFound, StatusError } from '../../../api/status.ts';
import type { Store } from '../../../store/store.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import type { Served, ServedTable } from '../../registry/served.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { Bindings } from '../expressions/scene.ts';
import { celBindings } from '../matching/cel-bindings.ts';
import { namespaceNamed } from '../matching/selectors.ts';
import { isNamespace } from '../matching/target.ts';
import { type VersionedObjects, versioned } from '../matching/versioned.ts';
import type { PolicyMetrics } from './policy-metrics.ts';

/** What policies work with. */
export interface PolicyWorld {
  readonly store: Store;
  readonly served: ServedTable;
  readonly authorizer: Authorizer;
  readonly metrics: PolicyMetrics;
}

/**
 * The namespace of a write, as expressions see it; null for what is in none. Throws NotFound. Source: apiserver
 * `plugin/policy/validating/dispatcher.go`.
 */
function namespaceOfWrite(request: AdmissionRequest, { store }: PolicyWorld): KubeObject | null {
  if (request.namespace === '' || isNamespace(request)) return null;
  const namespace = namespaceNamed(store, request.namespace);
  if (!namespace) throw notFound({ group: '', resource: 'namespaces' }, request.namespace);
  return namespace;
}

/** The objects of a write cannot be had in the version that a policy is to see. */
export class Unconvertible extends Error {}

async function objectsOf(request: AdmissionRequest, shown: Served): Promise<VersionedObjects> {
  try {
    return await versioned(request, shown);
  } catch (error) {
    throw error instanceof StatusError ? new Unconvertible(error.message) : error;
  }
}

/**
 * What the expressions of a policy see of a write as it is now, but for the variables and parameters. Throws
 * `Unconvertible`, or NotFound where the namespace is gone.
 */
export async function seenOf(request: AdmissionRequest, shown: Served, world: PolicyWorld): Promise<Bindings> {
  const namespaceObject = namespaceOfWrite(request, world);
  const objects = await objectsOf(request, shown);
  return { ...celBindings(request, shown, objects, world.authorizer), namespaceObject };
}
