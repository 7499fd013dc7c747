import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import type { EventHint } from './events/events.ts';
import type { NodeTable } from './state/node-table.ts';
import type { PodInfo } from './state/pod-info.ts';
import type { Topology } from './state/topology.ts';
import type { World } from './state/world.ts';

/** Why a plugin refuses a node. Constants, so that refusing costs nothing. */
export interface Refusal {
  /** As upstream words it in FailedScheduling. */
  readonly reasons: readonly string[];
  /** Whether no preemption on that node could help. */
  readonly unresolvable: boolean;
}

/** Judges one node, by slot. Reads the table as it is when it is called. */
export type NodeFilter = (slot: number) => Refusal | undefined;

/** What one plugin holds in memory for a pod that was given a node, until the pod is bound. */
export interface Reservation {
  /** Gives it back: the pod is not bound after all. What is in memory is free at once. */
  unreserve(): void | Promise<void>;
  /**
   * Does what must stand before the pod is bound, however long it takes. Throws `Unfit` when the node turns out not to
   * do; anything else it throws is a failure. The signal aborts when the pod goes.
   */
  preBind?(signal: AbortSignal): Promise<void>;
}

/** Says how good one node is, by slot. Reads the table as it is when it is called. */
export type NodeScore = (slot: number) => number;

/** A bound on how many pods of some sort there are in a node's topology domain. */
export interface DomainRule {
  readonly topology: Topology;
  /** By the topology's ids. */
  readonly counts: Int32Array;
  readonly least: number;
  readonly most: number;
  /** What is said of nodes out of bounds. */
  readonly refusal: Refusal;
  /** What is said of nodes that have no such label; undefined when they pass. */
  readonly unlabelled: Refusal | undefined;
}

/** What a plugin does for a pod that no node takes. */
export interface Remedy {
  /** What the pod is told of it. */
  readonly message: string;
  work?(signal: AbortSignal): Promise<void>;
}

/**
 * One concern of placing pods. Compiles a pod to functions over slots; each step may say that the pod does not concern it
 * by returning undefined, which must cost next to nothing.
 */
export interface Plugin {
  readonly name: string;
  /** Share in the sum of scores, each of which goes from 0 to 100. */
  readonly weight?: number;
  /**
   * Everything of a pod that the plugin reads, as JSON (upstream's SignPlugin). Only for plugins that look at nothing
   * else besides the one node: what they say of nodes that do not change is kept for the next pod of the same signature.
   */
  sign?(pod: PodInfo): unknown;
  /** The only slots that come into question, where there are few (upstream's PreFilterResult). */
  narrow?(pod: PodInfo, nodes: NodeTable): readonly number[] | undefined;
  /** A refusal instead of a function refuses the pod on every node, for one reason. Throws `PluginError`. */
  filter?(pod: PodInfo, nodes: NodeTable, world: World): NodeFilter | Refusal | undefined;
  /** The filter of plugins that count pods by topology, as data: thousands of nodes are judged in one sweep. */
  rules?(pod: PodInfo, nodes: NodeTable, world: World): readonly DomainRule[];
  /** The score of single nodes. */
  rate?(pod: PodInfo, nodes: NodeTable, world: World): NodeScore | undefined;
  /** What becomes of the rated scores of the feasible nodes together; without it they are final. */
  readonly normalize?: (scores: Float64Array) => void;
  /**
   * The scores of plugins that must see the feasible slots together, in their order. Undefined, whatever the slots, when
   * it has no opinion on the pod.
   */
  score?(pod: PodInfo, nodes: NodeTable, feasible: Slots, world: World): Float64Array | undefined;
  /** Takes what the pod needs on the slot it was given, in the turn that filtered it. */
  reserve?(pod: PodInfo, slot: number, nodes: NodeTable): Reservation | undefined;
  /** Has what nobody may wait for later; done before the first pod is placed, when the caches are filled. */
  prepare?(): Promise<void> | undefined;
  /** What may help a pod that no node takes, before less important pods are evicted for it; undefined for nothing. */
  postFilter?(pod: PodInfo): Remedy | undefined;
  /** Whether the pod must not be tried yet (upstream's PreEnqueue). */
  gate?(pod: PodInfo): boolean;
  /** Binds the pod; false when that is for others to do. Throws what went wrong. */
  bind?(pod: PodInfo, node: string, signal: AbortSignal): Promise<boolean>;
  /** What may let a pod fit that `filter` refused everywhere, or `gate` held back; everything unless given. */
  readonly events?: readonly EventHint[];
}

/** A list of slots. */
export type Slots = Int32Array | readonly number[];

/** What plugins work with that look beyond pods and nodes. */
export interface PluginHandle {
  /** The shared caches. Those asked for while a plugin is built are filled before the first pod is placed. */
  readonly informers: Pick<Informers, 'of' | 'serves'>;
  /** Writes as the scheduler. */
  readonly client: Client;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** How a plugin is made, once for each profile that has it. */
export interface PluginDescriptor {
  readonly name: string;
  /** `args` are what KubeSchedulerConfiguration says of the plugin; undefined for the defaults. */
  build(handle: PluginHandle, args?: unknown): Plugin;
}

/** The descriptor of a plugin that is the same everywhere. */
export const always = (plugin: Plugin): PluginDescriptor => ({ name: plugin.name, build: () => plugin });

/** The descriptor of a plugin that is made from its arguments alone. */
export const configured = <Args>(name: string, make: (args?: Args) => Plugin): PluginDescriptor => ({
  name,
  build: (_, args) => make(args as Args | undefined),
});

/** A plugin cannot judge a pod for what it found in the cluster. The pod hears of it and is tried again after its back-off. */
export class PluginError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PluginError';
  }
}

/** The node a pod was given does not do after all. The pod hears of it and is tried again after its back-off. */
export class Unfit extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Unfit';
  }
}

export const maxScore = 100;

/** Stretches scores so that the greatest is 100 (helper.DefaultNormalizeScore). */
export function greatestBest(scores: Float64Array): void {
  let max = 0;
  for (const score of scores) if (score > max) max = score;
  for (let i = 0; i < scores.length; i++) scores[i] = max === 0 ? 0 : Math.trunc((maxScore * scores[i]!) / max);
}

/** The same the other way round: the greatest becomes 0. */
export function greatestWorst(scores: Float64Array): void {
  greatestBest(scores);
  for (let i = 0; i < scores.length; i++) scores[i] = maxScore - scores[i]!;
}

export function refusal(reason: string, unresolvable: boolean): Refusal {
  return { reasons: [reason], unresolvable };
}
