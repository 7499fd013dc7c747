import type { KubeObject } from '../../../api/object.ts';
import { forbidden, notFound, type StatusError } from '../../../api/status.ts';
import type { Node, Pod } from '../../../api/types/core-v1.gen.ts';
import type { Store } from '../../../store/store.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import type { AdmissionRequest } from '../admission.ts';

/** What rules ask of. */
export interface World {
  readonly store: Store;
  readonly authorizer: Authorizer;
}

/** Refuses what a node may not write of one resource, by throwing. */
export type Rule = (node: string, request: AdmissionRequest, world: World) => void | Promise<void>;

/** The 403 of a write. */
export const refusal = ({ served, name }: AdmissionRequest, why: string): StatusError => forbidden(served, name, why);

/** A text as Go quotes it. */
export const q = (text: string): string => JSON.stringify(text);

/** An object by its key; undefined where there is none. */
export const find = ({ store }: World, resource: string, namespace: string, name: string): KubeObject | undefined =>
  store.head({ resource, namespace, name })?.object;

/** The pod that a request is about. Throws NotFound. */
export function podOf(world: World, namespace: string, name: string): Pod {
  const pod = find(world, 'pods', namespace, name);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  return pod as unknown as Pod;
}

/** A node's object. Throws NotFound. */
export function nodeObject(world: World, name: string): Node {
  const node = find(world, 'nodes', '', name);
  if (!node) throw notFound({ group: '', resource: 'nodes' }, name);
  return node as unknown as Node;
}
