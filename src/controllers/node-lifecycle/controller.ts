import { leases as leasesRef, nodes as nodesRef, pods as podsRef } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { byNode } from '../../client/informer.ts';
import { keyOf, parseKey } from '../../client/object-key.ts';
import { type ReconcileResult, Reconciler } from '../../client/reconciler.ts';
import { type ControllerContext, type ControllerDescriptor, synced } from '../controller.ts';
import { isNodeReady, nodeCondition } from '../node-state.ts';
import { isReady } from '../pod-state.ts';
import { awaitsMark, graceOf, planLabels, planTaints, silentConditions } from './plan.ts';
import { Turns } from './turns.ts';
import { Zones, zoneOf } from './zones.ts';

/** Notices nodes that fall silent, and turns node conditions into taints. */
export const nodeLifecycleController: ControllerDescriptor = {
  name: 'node-lifecycle-controller',
  account: 'node-controller',
  component: 'node-controller',
  build(context) {
    const controller = new NodeLifecycleController(context);
    return { run: (signal) => controller.run(signal) };
  },
};

const leaseNamespace = 'kube-node-lease';

/** A timer that fires this much late means that the machine slept: nodes could not have been heard. */
const sleptMs = 10_000;

class NodeLifecycleController {
  readonly #context: ControllerContext;
  readonly #reconciler: Reconciler;
  readonly #nodes;
  readonly #pods;
  /** When each node was last heard of, in steady milliseconds of this process: clocks of nodes play no part. */
  readonly #heard = new Map<string, number>();
  /** When a silent node would be due to be looked at. */
  readonly #due = new Map<string, number>();
  readonly #zones = new Zones();
  /** By zone: the nodes that wait to be marked for eviction. */
  readonly #turns = new Map<string, Turns>();
  /** Nodes whose turn has come. */
  readonly #mayMark = new Set<string>();
  /** Nodes whose pods are still to be shown as not ready. */
  readonly #fallen = new Set<string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#nodes = context.informers.of(nodesRef);
    this.#pods = context.informers.of(podsRef).index(byNode);
    const leases = context.informers.of(leasesRef);
    this.#reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#nodes, leases, this.#pods),
    });
    this.#nodes.on({
      added: (node) => {
        this.#hear(node.metadata.name!);
        this.#tell(node, 'RegisteredNode', 'Registered Node', 'in');
        this.#note(node.metadata.name!, node);
      },
      updated: (old, node) => {
        if (heartbeatOf(old) !== heartbeatOf(node)) this.#hear(node.metadata.name!);
        this.#note(node.metadata.name!, node);
      },
      deleted: (node) => {
        const name = node.metadata.name!;
        this.#heard.delete(name);
        this.#due.delete(name);
        this.#mayMark.delete(name);
        this.#fallen.delete(name);
        this.#turns.get(zoneOf(node))?.remove(name);
        this.#tell(node, 'RemovingNode', 'Removing Node', 'from');
        this.#note(name, undefined);
      },
    });
    const renewed = ({ metadata }: Lease) => {
      if (metadata.namespace === leaseNamespace) this.#hear(metadata.name!);
    };
    leases.on({
      added: renewed,
      updated: (old, lease) => {
        if (old.spec?.renewTime !== lease.spec?.renewTime) renewed(lease);
      },
    });
    // A pod that comes to a node that is not Ready is not ready either, whatever it says.
    const arrived = (pod: Pod) => {
      const node = this.#nodes.get(pod.spec?.nodeName ?? '');
      if (!node || !nodeCondition(node, 'Ready') || isNodeReady(node) || !isReady(pod)) return;
      this.#fallen.add(node.metadata.name!);
      this.#reconciler.add(node.metadata.name!);
    };
    this.#pods.on({
      added: arrived,
      updated: (old, pod) => {
        if (old.spec?.nodeName !== pod.spec?.nodeName) arrived(pod);
      },
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#reconciler.run(signal);
    } finally {
      for (const turns of this.#turns.values()) turns.close();
    }
  }

  #hear(name: string): void {
    this.#heard.set(name, this.#context.clock.steady());
  }

  #tell(node: Node, reason: string, what: string, how: string): void {
    const { name } = node.metadata;
    this.#event(node, reason, `Node ${name} event: ${what} ${name} ${how} Controller`);
  }

  #event(node: Node, reason: string, message: string): void {
    const { name, uid } = node.metadata;
    const about = { kind: 'Node', name: name!, uid: uid!, apiVersion: 'v1' };
    this.#context.recorder.event(about, 'Normal', reason, message);
  }

  /** Counts a node anew; all nodes are looked at only when the last one fell or the first one came back. */
  #note(name: string, node: Node | undefined): void {
    const wasDown = this.#zones.allDown;
    const zones = this.#zones.note(name, node);
    if (node) this.#reconciler.add(name);
    if (zones.length === 0) return;
    const turned = this.#zones.allDown !== wasDown;
    for (const zone of turned ? new Set([...zones, ...this.#zones.names()]) : zones) this.#pace(zone);
    if (!turned) return;
    // Those who are silent have a full grace period more: nobody could have heard them.
    const now = this.#context.clock.steady();
    for (const known of this.#heard.keys()) {
      if (wasDown) this.#heard.set(known, now);
      this.#reconciler.add(known);
    }
  }

  #pace(zone: string): void {
    const rate = this.#zones.rate(zone);
    const turns = this.#turns.get(zone);
    if (rate !== undefined) {
      if (turns) turns.setRate(rate);
      else this.#turns.set(zone, new Turns(this.#context.clock, rate, (name) => this.#turnOf(name)));
      return;
    }
    turns?.close();
    this.#turns.delete(zone);
  }

  #turnOf(name: string): void {
    this.#mayMark.add(name);
    this.#reconciler.add(name);
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const cached = this.#nodes.get(name);
    if (!cached) return undefined;
    const now = this.#context.clock.steady();
    this.#forgiveSleep(name, now);
    const due = (this.#heard.get(name) ?? now) + graceOf(cached);
    const node = due <= now ? await this.#silence(cached, signal) : cached;
    await this.#taint(node, signal);
    if (this.#fallen.has(name)) await this.#showPods(node, signal);
    if (due <= now) return undefined;
    this.#due.set(name, due);
    return { after: due - now };
  }

  /** After the machine slept every node gets a full grace period. */
  #forgiveSleep(name: string, now: number): void {
    const due = this.#due.get(name);
    this.#due.delete(name);
    if (due === undefined || now - due < sleptMs) return;
    for (const known of this.#heard.keys()) this.#heard.set(known, now);
    this.#due.clear();
  }

  async #silence(node: Node, signal: AbortSignal): Promise<Node> {
    const conditions = silentConditions(node, this.#context.clock.wall());
    if (!conditions) return node;
    const client = this.#context.client.resource(nodesRef);
    const silent = await client.updateStatus({ ...node, status: { ...node.status, conditions } }, { signal });
    // Counted at once, lest it be marked although it was the last that worked.
    this.#note(node.metadata.name!, silent);
    if (isNodeReady(node)) {
      const name = node.metadata.name!;
      this.#event(node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      this.#fallen.add(name);
    }
    return silent;
  }

  /** Shows the pods of a node as not ready; as long as one is not shown so, it is tried again. */
  async #showPods(node: Node, signal: AbortSignal): Promise<void> {
    const name = node.metadata.name!;
    if (!isNodeReady(node)) await Promise.all(this.#pods.by(byNode, name).map((pod) => this.#unready(pod, signal)));
    this.#fallen.delete(name);
  }

  /** Its kubelet cannot say so any more: the pod answers nobody. */
  async #unready(pod: Pod, signal: AbortSignal): Promise<void> {
    if (!isReady(pod)) return;
    this.#context.recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    const condition = { type: 'Ready', status: 'False', lastTransitionTime: timestamp(this.#context.clock.wall()) };
    const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
    const pods = this.#context.client.resource(podsRef);
    try {
      await pods.patch(parseKey(keyOf(pod)), { type: 'strategic', body }, { subresource: 'status', signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
    }
  }

  async #taint(node: Node, signal: AbortSignal): Promise<void> {
    const { name, uid, resourceVersion } = node.metadata;
    const marking = this.#zones.allDown ? 'never' : this.#mayMark.has(name!) ? 'mark' : 'change';
    const taints = planTaints(node, marking, this.#context.clock.wall());
    const labels = planLabels(node);
    if (taints || labels) {
      const metadata = { uid, resourceVersion, ...(labels && { labels }) };
      const body = { metadata, ...(taints && { spec: { taints } }) };
      await this.#context.client.resource(nodesRef).mergePatch({ name: name! }, body, { signal });
    }
    this.#mayMark.delete(name!);
    const turns = this.#turns.get(zoneOf(node));
    if (marking === 'change' && awaitsMark(node)) turns?.add(name!);
    else turns?.remove(name!);
  }
}

const heartbeatOf = (node: Node): string | undefined => nodeCondition(node, 'Ready')?.lastHeartbeatTime ?? undefined;
