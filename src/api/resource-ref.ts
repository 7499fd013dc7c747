import type { AnyKind } from './object.ts';

/**
 * A resource with the type of its objects, so that `client.list(pods)` yields Pods. The constants are generated:
 * `src/api/kinds.gen.ts`. A custom resource is written by hand with `KubeObject` as its type.
 */
export interface ResourceRef<T extends AnyKind = AnyKind> {
  readonly group: string;
  readonly version: string;
  /** Plural, e.g. "deployments". */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Only a type: never set. */
  readonly object?: T;
}
