import type { KubeObject } from '../../api/object.ts';
import { conflict } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import { named, type Operation } from './operation.ts';

/** What a request insists on: the very object, or the very state of it. */
type Preconditions = NonNullable<CallOptions['preconditions']>;

type Part = 'uid' | 'resourceVersion';
const wordOf = { uid: 'UID', resourceVersion: 'ResourceVersion' } as const;

/** The first precondition that the object does not meet. */
function unmet(want: Preconditions, { metadata }: KubeObject): Part | undefined {
  return (['uid', 'resourceVersion'] as const).find((part) => want[part] && want[part] !== metadata[part]);
}

const text = (part: Part, want: Preconditions, { metadata }: KubeObject): string =>
  `Precondition failed: ${wordOf[part]} in precondition: ${want[part]}, ${wordOf[part]} in object meta: ${metadata[part]}`;

/** Names in etcd that are not those of the resources. Source: kubeapiserver `default_storage_factory_builder.go`. */
const oddNames: Readonly<Record<string, string>> = {
  endpoints: 'services/endpoints',
  ingresses: 'ingress',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  services: 'services/specs',
};
const groupsInKeys: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** Where upstream keeps an object in etcd: its errors of storage name the place. */
function storageKey({ served, namespace, name }: Operation): string {
  const { group, resource, custom, namespaced } = served;
  const spacious = custom || groupsInKeys.has(group);
  const folder = spacious ? `${group}/${resource}` : (oddNames[resource] ?? resource);
  return `/registry/${folder}/${namespaced ? `${namespace}/` : ''}${name}`;
}

/** Throws the 409 of a write whose preconditions the object does not meet. Source: apiserver `storage/interfaces.go`. */
export function refuseUnmet(op: Operation, want: Preconditions, object: KubeObject): void {
  const part = unmet(want, object);
  if (!part) return;
  const place = `Code: 4, Key: ${storageKey(op)}, ResourceVersion: 0`;
  const words = `StorageError: invalid object, ${place}, AdditionalErrorMsg: ${text(part, want, object)}`;
  throw conflict(named(op), op.name, words);
}

const ownStorage: ReadonlySet<string> = new Set(['namespaces', 'customresourcedefinitions.apiextensions.k8s.io']);

const why = {
  uid: 'The object might have been deleted and then recreated',
  resourceVersion: 'The object might have been modified',
} as const;

/** As refuseUnmet, for deletes. Sources: apiserver `registry/rest/delete.go`, and for two kinds their own storage. */
export function refuseUnmetDelete(op: Operation, object: KubeObject): void {
  const want = op.options.preconditions;
  const part = want && unmet(want, object);
  if (!part) return;
  if (ownStorage.has(op.served.qualified)) throw conflict(named(op), op.name, text(part, want, object));
  const [asked, is] = [want[part], object.metadata[part]];
  const words = `the ${wordOf[part]} in the precondition (${asked}) does not match the ${wordOf[part]} in record (${is})`;
  throw conflict({ group: op.served.group, resource: op.served.kind }, op.name, `${words}. ${why[part]}`);
}
