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
import { graceOf, planTaints, silentConditions } from './plan.ts';

/** Notices nodes that fall silent, and turns node conditions into taints. */
export const nodeLifecycleController: ControllerDescriptor = {
  name: 'node-lifecycle-controller',
  account: 'node-controller',
  component: 'node-controller',
  build(context) {
    const controller = new NodeLifecycleController(context);
    return { run: (signal) => controller.reconciler.run(signal) };
  },
};

const leaseNamespace = 'kube-node-lease';

/** A timer that fires this much late means that the machine slept: nodes could not have been heard. */
const sleptMs = 10_000;

class NodeLifecycleController {
  readonly reconciler: Reconciler;
  readonly #context: ControllerContext;
  readonly #nodes;
  readonly #pods;
  /** When each node was last heard of, in steady milliseconds of this process: clocks of nodes play no part. */
  readonly #heard = new Map<string, number>();
  /** Names of the nodes that are Ready. */
  readonly #ready = new Set<string>();
  /** When a silent node would be due to be looked at. */
  readonly #due = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#nodes = context.informers.of(nodesRef);
    this.#pods = context.informers.of(podsRef).index(byNode);
    const leases = context.informers.of(leasesRef);
    this.reconciler = new Reconciler({
      name: context.name,
      reconcile: ({ key, signal }) => this.#reconcile(key, signal),
      clock: context.clock,
      log: context.log,
      ready: synced(this.#nodes, leases, this.#pods),
    });
    this.#nodes.on({
      added: (node) => this.#nodeAdded(node),
      updated: (old, node) => this.#nodeChanged(old, node),
      deleted: (node) => this.#nodeGone(node),
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
  }

  #hear(name: string): void {
    this.#heard.set(name, this.#context.clock.steady());
  }

  #nodeAdded(node: Node): void {
    const name = node.metadata.name!;
    this.#hear(name);
    this.#tell(node, 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
    this.#count(name, isNodeReady(node));
    this.reconciler.add(name);
  }

  #nodeChanged(old: Node, node: Node): void {
    const name = node.metadata.name!;
    const heartbeat = (n: Node) => nodeCondition(n, 'Ready')?.lastHeartbeatTime;
    if (heartbeat(old) !== heartbeat(node)) this.#hear(name);
    this.#count(name, isNodeReady(node));
    this.reconciler.add(name);
  }

  #nodeGone(node: Node): void {
    const name = node.metadata.name!;
    this.#heard.delete(name);
    this.#due.delete(name);
    this.#tell(node, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
    this.#count(name, false);
  }

  /** Whether all nodes are down matters to each of them. */
  #count(name: string, isReady: boolean): void {
    const wereDown = this.#ready.size === 0;
    if (isReady) this.#ready.add(name);
    else this.#ready.delete(name);
    if (wereDown === (this.#ready.size === 0)) return;
    for (const node of this.#nodes.values()) this.reconciler.add(node.metadata.name!);
  }

  #tell(node: Node, reason: string, message: string): void {
    const { name, uid } = node.metadata;
    const about = { kind: 'Node', name: name!, uid: uid!, apiVersion: 'v1' };
    this.#context.recorder.event(about, 'Normal', reason, message);
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const cached = this.#nodes.get(name);
    if (!cached) return undefined;
    const { clock } = this.#context;
    const now = clock.steady();
    this.#forgiveSleep(name, now);
    const due = (this.#heard.get(name) ?? now) + graceOf(cached);
    const node = due <= now ? await this.#silence(cached, signal) : cached;
    await this.#taint(node, signal);
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
    if (isNodeReady(node)) {
      const name = node.metadata.name!;
      this.#tell(node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      await Promise.all(this.#pods.by(byNode, name).map((pod) => this.#unready(pod, signal)));
    }
    return silent;
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
    // The node may be newer than the cache.
    const others = this.#ready.size - Number(this.#ready.has(node.metadata.name!));
    const allDown = others === 0 && !isNodeReady(node);
    const taints = planTaints(node, allDown, this.#context.clock.wall());
    if (!taints) return;
    const { name, uid, resourceVersion } = node.metadata;
    const body = { metadata: { uid, resourceVersion }, spec: { taints } };
    await this.#context.client.resource(nodesRef).mergePatch({ name: name! }, body, { signal });
  }
}
