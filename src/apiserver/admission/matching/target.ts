import type { GroupVersionKind } from '../../../api/object.ts';
import type { Served } from '../../registry/served.ts';
import type { AdmissionRequest } from '../admission.ts';

const kinds = new WeakMap<Served, Map<string, GroupVersionKind>>();

/** The kind of the body that a resource or subresource takes: `autoscaling/v1` Scale for `deployments/scale`. */
export function kindOf(served: Served, subresource: string): GroupVersionKind {
  let known = kinds.get(served);
  if (!known) kinds.set(served, (known = new Map()));
  let kind = known.get(subresource);
  if (!kind) {
    const {
      group = served.group,
      version = served.version,
      kind: own,
    } = served.subresources.get(subresource) ?? served;
    known.set(subresource, (kind = { group, version, kind: own }));
  }
  return kind;
}

/** Whether a write is of whole objects of the resource, rather than of a Scale, a Binding, the options of an exec. */
export const isWhole = (served: Served, subresource: string): boolean =>
  subresource === '' || kindOf(served, subresource).kind === served.kind;

/** The name of what is written; "" while it is yet to be generated. */
export const nameOf = ({ operation, subresource, name, object }: AdmissionRequest): string =>
  operation === 'CREATE' && subresource === '' && object?.metadata && !object.metadata.name ? '' : name;

/** Namespaces are objects of the cluster. */
export const isNamespace = ({ asked }: AdmissionRequest): boolean => asked.qualified === 'namespaces';

/** The namespace a write is in; of a namespace it is itself. Source: apiserver `endpoints/request/requestinfo.go`. */
export const namespaceOf = (request: AdmissionRequest): string =>
  isNamespace(request) ? nameOf(request) : request.namespace;
