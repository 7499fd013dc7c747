import { type KubeObject, type OwnerReference, parseApiVersion } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { ResourceClient } from '../../client/client.ts';
import { Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { describes, foregroundFinalizer, type Node, OwnerGraph, orphanFinalizer } from './graph.ts';
import { Monitors } from './monitors.ts';
import { blocking, judge, type OwnerState, ownerState, referencesWithout } from './plan.ts';

/** Deletes what has no owner left, and carries out foreground deletion and orphaning. */
export const garbageCollector: ControllerDescriptor = {
  name: 'garbage-collector-controller',
  account: 'generic-garbage-collector',
  build(context) {
    const collector = new GarbageCollector(context);
    return { run: (signal) => collector.run(signal) };
  },
};

/** Absent owners remembered, so that a thousand dependents of one ask the server once. */
const absentLimit = 500;

class GarbageCollector {
  readonly #context: ControllerContext;
  readonly #graph: OwnerGraph;
  readonly #monitors: Monitors;
  readonly #looks: Reconciler;
  readonly #orphans: Reconciler;
  readonly #absent = new Set<string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { clock, ids, log, catalog, reader, name } = context;
    this.#graph = new OwnerGraph({
      look: (node) => this.#looks.add(node.uid),
      orphan: (node) => this.#orphans.add(node.uid),
    });
    this.#monitors = new Monitors(reader, catalog, this.#graph, { clock, ids, log });
    const ready = (signal: AbortSignal) => this.#monitors.whenSynced(signal);
    const common = { clock, log, ready, workers: 20 };
    this.#looks = new Reconciler({ ...common, name, reconcile: ({ key, signal }) => this.#look(key, signal) });
    this.#orphans = new Reconciler({ ...common, name, reconcile: ({ key, signal }) => this.#orphan(key, signal) });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { catalog } = this.#context;
    let off: (() => void) | undefined;
    try {
      await synced(catalog)(signal);
      off = catalog.onChange((before, after) => this.#monitors.change(before, after));
      this.#monitors.start();
      await Promise.all([this.#looks.run(signal), this.#orphans.run(signal)]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      off?.();
      await this.#monitors.close();
    }
  }

  #client(node: Node): ResourceClient<KubeObject> {
    return this.#context.client.resource(node.resource!);
  }

  async #look(uid: string, signal: AbortSignal): Promise<void> {
    await this.#monitors.whenSynced(signal);
    const node = this.#graph.get(uid);
    if (!node?.resource) return;
    if (node.foreground) return this.#advanceForeground(node, signal);
    if (node.deleting || this.#ownersStand(node)) return;
    const object = await this.#read(node, signal);
    if (!object || object.metadata.deletionTimestamp) return;
    const states = await this.#lookUpOwners(node, object, signal);
    if (!states) return;
    const verdict = judge(object, node, states);
    if (verdict.do === 'keep') return;
    if (verdict.do === 'release') {
      await this.#setReferences(node, object, referencesWithout(object, verdict.uids), signal);
      return;
    }
    const current = verdict.unblock ? await this.#unblock(node, object, signal) : object;
    await this.#remove(node, current, verdict.propagation, signal);
  }

  /** Whether the graph alone shows that every owner is there and none waits: the everyday case, without a call. */
  #ownersStand(node: Node): boolean {
    return node.owners.every((reference) => {
      const owner = this.#graph.get(reference.uid);
      return owner?.resource !== undefined && !owner.foreground && describes(reference, owner, node);
    });
  }

  /** The object as the server has it; undefined when it is gone or another has its name. */
  async #read(node: Node, signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      const object = await this.#client(node).get(keyOfNode(node), { signal });
      return object.metadata.uid === node.uid ? object : undefined;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Asks the server for each owner. Undefined when the references make no sense and nothing may be done. */
  async #lookUpOwners(
    node: Node,
    object: KubeObject,
    signal: AbortSignal,
  ): Promise<Map<string, OwnerState> | undefined> {
    const states = new Map<string, OwnerState>();
    for (const reference of object.metadata.ownerReferences ?? []) {
      const state = await this.#lookUpOwner(node, object, reference, signal);
      if (state === undefined) return undefined;
      states.set(reference.uid, state);
    }
    return states;
  }

  async #lookUpOwner(
    node: Node,
    object: KubeObject,
    reference: OwnerReference,
    signal: AbortSignal,
  ): Promise<OwnerState | undefined> {
    const { catalog, client } = this.#context;
    const group = parseApiVersion(reference.apiVersion)?.group;
    const resource = group === undefined ? undefined : catalog.byKind(group, reference.kind);
    // Its kind may have gone with it.
    if (!resource && this.#graph.isGone(reference.uid)) return 'absent';
    // A kind that nobody serves (yet): it may come, so the object must not go.
    if (!resource) throw new Error(`no resource serves the owner kind ${reference.apiVersion} ${reference.kind}`);
    this.#warnOfForeignOwner(object, node, reference);
    // A cluster object cannot have a namespaced owner: upstream leaves it alone for ever.
    if (resource.namespaced && node.namespace === '') return undefined;
    const namespace = resource.namespaced ? node.namespace : '';
    const id = [resource.group, resource.resource, namespace, reference.name, reference.uid].join('/');
    if (this.#absent.has(id)) return 'absent';
    let state: OwnerState = 'absent';
    try {
      const key = { ...(namespace && { namespace }), name: reference.name };
      state = ownerState(await client.resource(resource).get(key, { signal }), reference.uid);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    if (state === 'absent') this.#rememberAbsent(id);
    return state;
  }

  #rememberAbsent(id: string): void {
    this.#absent.add(id);
    if (this.#absent.size > absentLimit) this.#absent.delete(this.#absent.values().next().value!);
  }

  #warnOfForeignOwner(object: KubeObject, node: Node, reference: OwnerReference): void {
    const owner = this.#graph.get(reference.uid);
    if (!owner?.resource || owner.namespace === '' || owner.namespace === node.namespace) return;
    const { apiVersion, kind, name, uid } = reference;
    const text = `ownerRef [${apiVersion}/${kind}, namespace: ${node.namespace}, name: ${name}, uid: ${uid}] does not exist in namespace "${node.namespace}"`;
    this.#context.recorder.event(object, 'Warning', 'OwnerRefInvalidNamespace', text);
  }

  /** A foreground owner goes when no dependent blocks it; until then its dependents are looked at. */
  async #advanceForeground(node: Node, signal: AbortSignal): Promise<void> {
    const left = blocking(node);
    if (left.length === 0) return this.#dropFinalizer(node, foregroundFinalizer, signal);
    for (const dependent of left) if (!dependent.foreground) this.#looks.add(dependent.uid);
  }

  async #orphan(uid: string, signal: AbortSignal): Promise<void> {
    await this.#monitors.whenSynced(signal);
    const node = this.#graph.get(uid);
    if (!node?.resource || !node.orphaning) return;
    await Promise.all([...node.dependents].map((dependent) => this.#release(dependent, uid, signal)));
    await this.#dropFinalizer(node, orphanFinalizer, signal);
  }

  async #release(dependent: Node, ownerUid: string, signal: AbortSignal): Promise<void> {
    if (!dependent.resource) return;
    const object = await this.#read(dependent, signal);
    if (!object?.metadata.ownerReferences?.some((o) => o.uid === ownerUid)) return;
    await this.#setReferences(dependent, object, referencesWithout(object, [ownerUid]), signal);
  }

  async #dropFinalizer(node: Node, finalizer: string, signal: AbortSignal): Promise<void> {
    const object = await this.#read(node, signal);
    if (!object?.metadata.finalizers?.includes(finalizer)) return;
    const finalizers = object.metadata.finalizers.filter((f) => f !== finalizer);
    await this.#patchMetadata(node, object, { finalizers }, signal);
  }

  async #unblock(node: Node, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const references = (object.metadata.ownerReferences ?? []).map((o) => ({ ...o, blockOwnerDeletion: false }));
    return (await this.#setReferences(node, object, references, signal)) ?? object;
  }

  #setReferences(node: Node, object: KubeObject, ownerReferences: readonly OwnerReference[], signal: AbortSignal) {
    return this.#patchMetadata(node, object, { ownerReferences }, signal);
  }

  /** Changes lists of metadata on the very version they were read from; a change in between is a conflict and a new try. */
  async #patchMetadata(
    node: Node,
    object: KubeObject,
    change: object,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const { uid, resourceVersion } = object.metadata;
    try {
      return await this.#client(node).mergePatch(
        keyOfNode(node),
        { metadata: { uid, resourceVersion, ...change } },
        { signal },
      );
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #remove(
    node: Node,
    object: KubeObject,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
    signal: AbortSignal,
  ): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const preconditions = { uid: uid!, resourceVersion: resourceVersion! };
    try {
      await this.#client(node).delete(keyOfNode(node), { propagationPolicy, preconditions, signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}

const keyOfNode = (node: Node) => ({ ...(node.namespace && { namespace: node.namespace }), name: node.name });
