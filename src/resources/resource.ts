import type { ErrorList } from '../api/field-errors.ts';
import type { ResetFields } from '../api/managed-fields/versions.ts';
import type { AnyKind, KubeObject, Mutable } from '../api/object.ts';

/**
 * A resource as the generic registry knows it: the strategy pattern of k8s.io/apiserver `registry/rest`, as one value.
 *
 * Sequence of a create: decode → admission mutate → `defaults` → `prepareCreate` → `validate` → admission validate →
 * store. Of an update: the same with `prepareUpdate` and `validateUpdate` (which also runs `validate`;
 * a create runs `validateCreate` besides). Every hook is
 * synchronous and pure but for changing the private mutable object it is given. Validators append and never throw.
 *
 * Names, scope, verbs and subresources come from the discovery facts; metadata, field types, required fields and enums
 * are checked from the type facts before any hook runs. A kind without rules of its own needs no more than its columns.
 */
export interface Resource<T = KubeObject> {
  readonly group: string;
  /** Storage version. */
  readonly version: string;
  /** Plural, e.g. "deployments". */
  readonly resource: string;
  readonly kind: string;

  /** Loads what the hooks below need; undefined when it is there. Writes wait for it before they call one. */
  readonly loads?: () => Promise<void> | undefined;
  readonly defaults?: (object: Mutable<T>) => void;
  readonly prepareCreate?: (object: Mutable<T>, context: WriteContext) => void;
  readonly prepareUpdate?: (object: Mutable<T>, old: T, context: WriteContext) => void;
  /** What holds at any time. On an update `old` is what is stored: what is bad there already may stay so. */
  readonly validate?: (object: T, errors: ErrorList, old?: T) => void;
  /** On top of `validate`: rules for new objects only. */
  readonly validateCreate?: (object: T, errors: ErrorList) => void;
  readonly validateUpdate?: (object: T, old: T, errors: ErrorList) => void;
  readonly warnings?: (object: T, old: T | undefined) => string[];

  /** How an object without a namespace-wide rule is named: DNS-1123 subdomain unless another check is given. */
  readonly validateName?: (name: string, prefix: boolean) => string[];
  /** Whether a create by PUT is allowed (AllowCreateOnUpdate). */
  readonly createOnUpdate?: boolean;
  /** Whether an update without resourceVersion overwrites (AllowUnconditionalUpdate); true unless set. */
  readonly unconditionalUpdate?: boolean;
  /** Whether `metadata.generation` counts changes: of everything but metadata and status, or of `all` but metadata. */
  readonly generation?: boolean | 'all';

  /** Said in every answer about the resource, e.g. "v1 Endpoints is deprecated in v1.33+; use …". */
  readonly deprecation?: string;

  readonly columns: readonly Column<T>[];
  /** In which order the rows of a Table stand; by name unless set. */
  readonly rowOrder?: (a: T, b: T) => number;
  /** Field selector paths beyond metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;
  /** Indexes kept by the store; watches and lists that select by one cost nothing for foreign objects. */
  readonly indexes?: Readonly<Record<string, (object: T) => string | undefined>>;

  /** /status: what differs from the main resource. Present for every kind whose facts list the subresource. */
  readonly status?: UpdateRules<T>;
  /** Other subresources with the parent's body ("ephemeralcontainers", "resize", "approval", "finalize"). */
  readonly subresources?: Readonly<Record<string, UpdateRules<T>>>;
  /**
   * What an endpoint resets, so that its writers do not own it, where that is not the default (the status at the object,
   * the spec at its status); "" is the object itself.
   */
  readonly resetFields?: Readonly<Record<string, ResetFields>>;
  /** /scale, as paths into the object. */
  readonly scale?: ScalePaths;

  /** Graceful deletion: seconds to grant, or undefined to delete at once (Pod only, upstream's CheckGracefulDelete). */
  readonly gracefulDelete?: (object: T, requestedSeconds: number | undefined) => number | undefined;
  /**
   * Finalizers a delete adds by itself (upstream's DefaultGarbageCollectionPolicy): 'Unsupported' objects never have
   * dependents, so a propagation policy that is asked for adds none either.
   */
  readonly defaultPropagation?: 'Background' | 'Orphan' | 'Unsupported';
  /** What the first request to delete changes before the object is marked: finalizers, conditions. */
  readonly prepareDelete?: (object: Mutable<T>, context: WriteContext) => void;

  /** Other served versions by apiVersion ("autoscaling/v1", "events.k8s.io/v1"), and how to reach them from storage. */
  readonly versions?: Readonly<Record<string, VersionConversion>>;
}

/** How a subresource is updated: what it may change, and what that must look like. `validate` does not run. */
export interface UpdateRules<T = KubeObject> {
  readonly prepareUpdate?: (object: Mutable<T>, old: T, context: WriteContext) => void;
  readonly validateUpdate?: (object: T, old: T, errors: ErrorList, context: WriteContext) => void;
}

export interface ScalePaths {
  /** e.g. ["spec", "replicas"] */
  readonly replicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** A LabelSelector, a plain label map, or a selector string; empty where a custom resource has none. */
  readonly selector: readonly string[];
  /** Of a custom resource, whose replicas may be missing: the path as its definition writes it, for errors. */
  readonly written?: string;
}

/** Pure functions between a served version and the storage version; both get a private mutable object. */
export interface VersionConversion {
  readonly toStorage: (object: Mutable<KubeObject>) => void;
  readonly fromStorage: (object: Mutable<KubeObject>) => void;
  /** Instead of the kind's own checks, where upstream checks the versions differently. They see the storage version. */
  readonly checks?: Checks<KubeObject>;
}

export type Checks<T> = Pick<Resource<T>, 'validate' | 'validateCreate' | 'validateUpdate'>;

/** What a write hook may know about the request. */
export interface WriteContext {
  /** Wall time, milliseconds. */
  readonly now: number;
  readonly user: {
    readonly name: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly subresource?: string;
  /** Adds a warning to the answer: for what cannot be seen any more once the object is prepared. */
  readonly warn?: (text: string) => void;
}

/** One printer column. `priority` 0 is always shown, 1 only with `-o wide`. */
export interface Column<T = KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly value: (object: T, now: number) => string | number | boolean | null;
}

/** Fixes the type parameter of one kind's definition and erases it for the registry's list. */
export function defineResource<T extends AnyKind>(definition: Resource<T>): Resource {
  return definition as unknown as Resource;
}
