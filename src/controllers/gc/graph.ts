import { groupToday } from '../../api/legacy-facts.ts';
import { groupResource, type KubeObject, type OwnerReference, parseApiVersion } from '../../api/object.ts';
import type { CatalogEntry } from '../catalog.ts';

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

/** An object as the collector knows it. */
export interface Node {
  readonly uid: string;
  /** Undefined while only dependents have named this owner and it has not been seen itself. */
  resource: CatalogEntry | undefined;
  namespace: string;
  name: string;
  owners: readonly OwnerReference[];
  /** Whether it is being deleted at all, and whether it waits for its dependents (foreground) or for their release (orphan). */
  deleting: boolean;
  foreground: boolean;
  orphaning: boolean;
  readonly dependents: Set<Node>;
}

/** What a change makes necessary. `look`: see whether the object should go. `orphan`: release its dependents. */
export interface Work {
  look(node: Node): void;
  orphan(node: Node): void;
}

const noOwners: readonly OwnerReference[] = [];
/** Objects whose end is remembered: dependents of a kind that ended with its last objects still have to be judged. */
const goneLimit = 10_000;

/** Who owns whom, by uid, over all resources. Every change tells what to look at. Pure bookkeeping: no calls, no clock. */
export class OwnerGraph {
  readonly #nodes = new Map<string, Node>();
  /** The uids of seen objects per resource. */
  readonly #seen = new Map<string, Set<string>>();
  /** Uids of objects that were seen to go. */
  readonly #gone = new Set<string>();
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  get(uid: string): Node | undefined {
    return this.#nodes.get(uid);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The seen objects of one resource. */
  uidsOf(resource: CatalogEntry): string[] {
    return [...this.#seenOf(resource)];
  }

  #seenOf(resource: CatalogEntry): Set<string> {
    const id = groupResource(resource);
    let seen = this.#seen.get(id);
    if (!seen) this.#seen.set(id, (seen = new Set()));
    return seen;
  }

  /** An object was added or changed. */
  set(resource: CatalogEntry, object: KubeObject): void {
    const {
      uid,
      namespace = '',
      name = '',
      ownerReferences: owners = noOwners,
      finalizers,
      deletionTimestamp,
    } = object.metadata;
    if (!uid) return;
    const node = this.#nodes.get(uid) ?? this.#add(uid);
    const known = node.resource !== undefined;
    node.resource = resource;
    node.namespace = namespace;
    node.name = name;
    if (!known) {
      this.#seenOf(resource).add(uid);
      this.#checkClaims(node);
    }
    this.#setOwners(node, owners);
    this.#setDeletion(node, deletionTimestamp !== undefined, finalizers ?? []);
  }

  /** Whether an object was seen to go; a uid never comes back. */
  isGone(uid: string): boolean {
    return this.#gone.has(uid);
  }

  /** An object is gone; or `unseen`: its kind is no longer served, and nobody can tell. */
  remove(uid: string, how: 'gone' | 'unseen' = 'gone'): void {
    if (how === 'gone') this.#remember(uid);
    const node = this.#nodes.get(uid);
    if (!node?.resource) return;
    this.#seenOf(node.resource).delete(uid);
    for (const dependent of node.dependents) this.#work.look(dependent);
    const owners = node.owners;
    node.owners = noOwners;
    for (const { uid: ownerUid } of owners) {
      const owner = this.#nodes.get(ownerUid);
      if (!owner) continue;
      owner.dependents.delete(node);
      if (owner.foreground) this.#work.look(owner);
      this.#drop(owner);
    }
    // Dependents may outlive it for a while: then it stays as an owner that is not there.
    node.resource = undefined;
    node.deleting = node.foreground = node.orphaning = false;
    this.#drop(node);
  }

  #remember(uid: string): void {
    this.#gone.add(uid);
    if (this.#gone.size > goneLimit) this.#gone.delete(this.#gone.values().next().value!);
  }

  #add(uid: string): Node {
    const node: Node = {
      uid,
      resource: undefined,
      namespace: '',
      name: '',
      owners: noOwners,
      deleting: false,
      foreground: false,
      orphaning: false,
      dependents: new Set(),
    };
    this.#nodes.set(uid, node);
    return node;
  }

  /** Forgets an owner that was never seen, or no longer is, once nobody names it. */
  #drop(node: Node): void {
    if (!node.resource && node.dependents.size === 0) this.#nodes.delete(node.uid);
  }

  /** A named owner has appeared: dependents that describe it wrongly must be looked at. */
  #checkClaims(node: Node): void {
    for (const dependent of node.dependents) {
      const reference = dependent.owners.find((o) => o.uid === node.uid);
      if (reference && !describes(reference, node, dependent)) this.#work.look(dependent);
    }
  }

  #setOwners(node: Node, owners: readonly OwnerReference[]): void {
    if (owners.length === 0 && node.owners.length === 0) return;
    const before = node.owners;
    node.owners = owners;
    for (const old of before) {
      const still = owners.find((o) => o.uid === old.uid);
      const owner = this.#nodes.get(old.uid);
      if (!still) {
        owner?.dependents.delete(node);
        if (owner) this.#drop(owner);
      }
      // No longer in the way of an owner that waits.
      if (owner?.foreground && old.blockOwnerDeletion && !still?.blockOwnerDeletion) this.#work.look(owner);
    }
    for (const reference of owners) this.#link(node, reference, !before.some((o) => o.uid === reference.uid));
  }

  #link(node: Node, reference: OwnerReference, fresh: boolean): void {
    const owner = this.#nodes.get(reference.uid) ?? this.#add(reference.uid);
    owner.dependents.add(node);
    if (!fresh) return;
    if (!owner.resource || !describes(reference, owner, node)) this.#work.look(node);
    if (owner.foreground) this.#work.look(owner);
  }

  #setDeletion(node: Node, deleting: boolean, finalizers: readonly string[]): void {
    const foreground = deleting && finalizers.includes(foregroundFinalizer);
    const orphaning = deleting && finalizers.includes(orphanFinalizer);
    const begins = foreground && !node.foreground;
    const releases = orphaning && !node.orphaning;
    node.deleting = deleting;
    node.foreground = foreground;
    node.orphaning = orphaning;
    if (releases) this.#work.orphan(node);
    if (!begins) return;
    for (const dependent of node.dependents) this.#work.look(dependent);
    this.#work.look(node);
  }
}

/** Whether a reference names this very owner: kind, name, and a namespace that the dependent may refer to. */
export function describes(reference: OwnerReference, owner: Node, dependent: Node): boolean {
  if (!owner.resource) return false;
  const group = parseApiVersion(reference.apiVersion)?.group;
  const reachable = owner.namespace === '' || owner.namespace === dependent.namespace;
  return (
    group !== undefined &&
    groupToday(group, reference.kind) === owner.resource.group &&
    reference.kind === owner.resource.kind &&
    reference.name === owner.name &&
    reachable
  );
}
