import type { KubeObject } from '../../api/object.ts';
import type { Pod, ScopedResourceSelectorRequirement } from '../../api/types/core-v1.gen.ts';
import type { Usage } from './usage.ts';

/** One write, as far as it matters to who charges for it. */
export interface Charged {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly subresource: string;
  readonly object: KubeObject;
  /** What was there before an update. */
  readonly old: KubeObject | undefined;
}

/** Knows what objects of one resource use. Source: apiserver `quota/v1`, Evaluator. */
export interface Evaluator {
  /** "pods", "deployments.apps". */
  readonly resource: string;
  /** Whether this is where an amount of that name is used. */
  measures(name: string): boolean;
  /** What an object uses at a time (milliseconds since 1970). */
  usage(object: KubeObject, now: number): Usage;
  /** Whether a write may change what is used, and is charged for. */
  charges(write: Charged): boolean;
  /** Whether what an object uses can change while it is there. */
  readonly varies: boolean;
  /** Until when an object uses what it uses, where that ends by itself. */
  until?(object: KubeObject): number | undefined;
  /** Whether an object is in the scope; the objects of most resources are in none. */
  inScope?(object: KubeObject, scope: ScopedResourceSelectorRequirement): boolean;
  /** What an object must say of itself, but does not, when these amounts are limited. */
  missing?(object: KubeObject, names: readonly string[]): string | undefined;
}

/** What must be known of the rest of the cluster to say what claims to devices use. */
export interface DeviceFacts {
  /** The extended resource that the devices of a class stand for. */
  resourceOf(className: string): string | undefined;
  /** Whether devices of some class stand for an extended resource. */
  standsFor(resource: string): boolean;
  pod(namespace: string, name: string): Pod | undefined;
}

export const countName = (resource: string): string => `count/${resource}`;
