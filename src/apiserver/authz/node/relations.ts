import type { KubeObject } from '../../../api/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, PodSpec } from '../../../api/types/core-v1.gen.ts';
import { claimNamesOf } from '../../../resources/resource/pod-claims.ts';
import {
  configMapNames,
  secretNames,
  volumeClaimNames,
  volumeSecretKeys,
} from '../../../resources/rules/object-references.ts';
import { mirrorAnnotation } from '../../../resources/rules/pod-annotations.ts';
import type { Store } from '../../../store/store.ts';

/**
 * Which objects have to do with a node: those that its pods need, and what is its own. Found when it is asked for, by the
 * pods of the node, where upstream keeps a graph of all objects. Source: plugin/pkg/auth/authorizer/node/graph.go.
 */

/** Whether an object has to do with a node. */
export type Relation = (store: Store, node: string, namespace: string, name: string) => boolean;

type PodWithSpec = Pod & { readonly spec: PodSpec };

/** The pods of a node whose needs count. What a node makes itself gives it nothing. */
function* podsOf(store: Store, node: string, namespace?: string): Iterable<PodWithSpec> {
  const index = { name: 'spec.nodeName', value: node };
  for (const { object } of store.list('pods', { index, ...(namespace !== undefined && { namespace }) }).entries) {
    const pod = object as unknown as Pod;
    if (pod.spec && pod.metadata.annotations?.[mirrorAnnotation] === undefined) yield pod as PodWithSpec;
  }
}

/** Names of an object among what pods of its namespace need. */
const needed =
  (namesOf: (pod: PodWithSpec) => readonly (string | undefined)[]): Relation =>
  (store, node, namespace, name) => {
    for (const pod of podsOf(store, node, namespace)) if (namesOf(pod).includes(name)) return true;
    return false;
  };

/** An object that names its node. */
const named =
  (resource: string): Relation =>
  (store, node, namespace, name) =>
    nodeNameOf(store.head({ resource, namespace, name })?.object) === node;

const nodeNameOf = (object: KubeObject | undefined) =>
  (object?.['spec'] as { readonly nodeName?: string } | undefined)?.nodeName;

const claimsOf = ({ metadata, spec }: PodWithSpec) => volumeClaimNames(metadata.name!, spec);

export const claim: Relation = needed(claimsOf);
export const configMap: Relation = needed(({ spec }) => configMapNames(spec));
export const resourceClaim: Relation = needed(claimNamesOf);
export const serviceAccount: Relation = needed(({ spec }) => [spec.serviceAccountName]);
export const pod: Relation = named('pods');
export const volumeAttachment: Relation = named('volumeattachments.storage.k8s.io');
export const resourceSlice: Relation = named('resourceslices.resource.k8s.io');
export const podCertificateRequest: Relation = named('podcertificaterequests.certificates.k8s.io');

/** A volume belongs where its claim does. */
export const volume: Relation = (store, node, _, name) => {
  const found = store.head({ resource: 'persistentvolumes', namespace: '', name })?.object;
  const of = (found as unknown as PersistentVolume | undefined)?.spec?.claimRef;
  return of !== undefined && claim(store, node, of.namespace ?? '', of.name ?? '');
};

const podSecret: Relation = needed(({ spec }) => secretNames(spec));

/** Pods need secrets of their own, and volumes secrets to be mounted by. */
export const secret: Relation = (store, node, namespace, name) =>
  podSecret(store, node, namespace, name) || mountsBy(store, node, `${namespace}/${name}`);

function mountsBy(store: Store, node: string, key: string): boolean {
  for (const pod of podsOf(store, node))
    for (const claimName of claimsOf(pod))
      if (volumeSecrets(store, pod.metadata.namespace!, claimName).includes(key)) return true;
  return false;
}

function volumeSecrets(store: Store, namespace: string, name: string): string[] {
  const bound = store.head({ resource: 'persistentvolumeclaims', namespace, name })?.object;
  const volumeName = (bound as unknown as PersistentVolumeClaim | undefined)?.spec?.volumeName;
  if (!volumeName) return [];
  const found = store.head({ resource: 'persistentvolumes', namespace: '', name: volumeName })?.object;
  const of = (found as unknown as PersistentVolume | undefined)?.spec?.claimRef;
  // A claim may name a volume that is not its own.
  if (of?.namespace !== namespace || of.name !== name) return [];
  return volumeSecretKeys(found as unknown as PersistentVolume);
}
