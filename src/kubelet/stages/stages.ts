import { nodes as nodesRef, pods as podsRef } from '../../api/kinds.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transport } from '../../client/call.ts';
import { createClient } from '../../client/client.ts';
import { ApiEventRecorder } from '../../client/event-recorder.ts';
import { byNode, type Informer } from '../../client/informer.ts';
import type { Informers } from '../../client/informers.ts';
import type { Runtime } from '../../node/runtime.ts';
import type { Node, Pod } from '../types.ts';
import type { Place } from './functions.ts';
import { StageLibrary } from './library.ts';
import { fieldManager, type Stagehand, StagePlayer } from './player.ts';
import type { StageKind } from './stage-object.ts';

/** A simulated node as stages see it. */
export interface StagedNode {
  readonly name: string;
  readonly runtime: Pick<Runtime, 'runsProcesses'>;
  readonly addresses: readonly string[];
  /** The address of a pod that stages have; it is given one where it has none. */
  addressOf(pod: Pod, signal: AbortSignal): Promise<string>;
  podChanged(pod: Pod): void;
  nodeChanged(node: Node): void;
}

export interface StagesOptions {
  readonly transport: Transport;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly scope: Scope;
  /** All nodes by name, others too. */
  readonly nodes: ReadonlyMap<string, StagedNode>;
}

const user = {
  name: 'system:serviceaccount:kube-system:stage-controller',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};

/** KWOK's Stages for what simulated nodes run: there are none until a user applies them. */
export class Stages {
  readonly #library: StageLibrary;
  readonly #player: StagePlayer;

  constructor(options: StagesOptions) {
    const { transport, informers, nodes, clock, log } = options;
    const client = createClient(transport.as(user), undefined, fieldManager);
    const shared = { ...options, client, recorder: new ApiEventRecorder({ client, component: 'stages', clock, log }) };
    const cast = new Cast(nodes, informers.of(podsRef) as unknown as Informer<Pod>, informers.of(nodesRef));
    this.#library = new StageLibrary({ ...shared, changed: (kind) => cast.all(kind) });
    this.#player = new StagePlayer({ ...shared, stages: (kind) => this.#library.of(kind), hand: cast });
  }

  /** Resolves when stages can be applied. */
  get served(): Promise<void> {
    return this.#library.served;
  }

  /** Resolves when the stages that were there before are known: until then nobody can say whose a pod is. */
  whenSynced(signal: AbortSignal): Promise<void> {
    return this.#library.whenSynced(signal);
  }

  /** Whether stages have an object, in its newest version: then nobody else may write its status. */
  takes(kind: StageKind, object: Pod | Node): boolean {
    return this.#player.takes(kind, object);
  }

  /** The object is gone. */
  forget(uid: string): void {
    this.#player.forget(uid);
  }
}

/** Everything that simulated nodes run, and themselves. */
class Cast implements Stagehand {
  readonly #nodes: ReadonlyMap<string, StagedNode>;
  readonly #pods: Informer<Pod>;
  readonly #nodeObjects: Informer<Node>;

  constructor(nodes: ReadonlyMap<string, StagedNode>, pods: Informer<Pod>, nodeObjects: Informer<Node>) {
    this.#nodes = nodes;
    this.#pods = pods;
    this.#nodeObjects = nodeObjects;
  }

  /** Looks at all of a kind again. */
  all(kind: StageKind): void {
    for (const node of this.#nodes.values()) {
      if (node.runtime.runsProcesses) continue;
      const object = this.#nodeObjects.get(node.name);
      if (kind === 'Pod') for (const pod of this.#pods.by(byNode, node.name)) node.podChanged(pod);
      else if (object) node.nodeChanged(object);
    }
  }

  again(kind: StageKind, object: Pod | Node): void {
    if (kind === 'Pod') this.#nodeOf(kind, object)?.podChanged(object as Pod);
    else this.#nodeOf(kind, object)?.nodeChanged(object as Node);
  }

  async place(kind: StageKind, object: Pod | Node, signal: AbortSignal): Promise<Omit<Place, 'now'> | undefined> {
    const node = this.#nodeOf(kind, object);
    if (!node) return undefined;
    const nodeIP = node.addresses[0] ?? '';
    const hasOwn = kind === 'Pod' && !(object as Pod).spec.hostNetwork;
    return { nodeName: node.name, nodeIP, podIP: hasOwn ? await node.addressOf(object as Pod, signal) : nodeIP };
  }

  #nodeOf(kind: StageKind, object: Pod | Node): StagedNode | undefined {
    return this.#nodes.get((kind === 'Pod' ? (object as Pod).spec.nodeName : object.metadata.name) ?? '');
  }
}
