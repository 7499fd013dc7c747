import type { LabelSelector } from '../api/selector.ts';
import type { Node, Taint } from '../api/types/core-v1.gen.ts';
import { PodCounts } from './pod-counts.ts';
import { amount, type HostPort, type PodInfo } from './pod-info.ts';

const columns = [
  'cpu',
  'memory',
  'storage',
  'pods',
  'usedCpu',
  'usedMemory',
  'usedStorage',
  'usedPods',
  'nonZeroCpu',
  'nonZeroMemory',
] as const;
type Column = (typeof columns)[number];

/** What else is known of a node; numbers that every cycle reads are in columns. */
export interface NodeSlot {
  readonly name: string;
  /** Absent while pods are bound to a node that is not there (yet). */
  node: Node | undefined;
  labels: Readonly<Record<string, string>>;
  taints: readonly Taint[];
  /** Allocatable extended resources, and what pods use of them. */
  scalars: Map<string, number>;
  readonly usedScalars: Map<string, number>;
  images: ReadonlyMap<string, number>;
  readonly pods: Map<string, PodInfo>;
  /** Addresses in use by protocol and port; a pod more than once is possible, hence a list. */
  readonly ports: Map<string, string[]>;
}

/** The values of one label over all nodes, as numbers. */
export interface Topology {
  /** By slot; -1 where the node has no such label. */
  readonly ids: Int32Array;
  /** How many different values there are: ids are below it. */
  readonly size: number;
}

const none: Readonly<Record<string, string>> = {};
const anyAddress = '0.0.0.0';

/**
 * Every node and what its pods use, kept up to date pod by pod. Numbers live in typed columns indexed by slot, so that
 * a cycle over thousands of nodes reads memory in order.
 */
export class NodeTable {
  readonly slots: (NodeSlot | undefined)[] = [];
  readonly column: Record<Column, Float64Array>;
  readonly #byName = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #assigned = new Map<string, { info: PodInfo; slot: number }>();
  readonly #imageNodes = new Map<string, number>();
  readonly #counts = new PodCounts();
  /** Pods with affinity or anti-affinity rules of their own, which concern newcomers. */
  readonly affine = new Map<string, { info: PodInfo; slot: number }>();
  readonly #topologies = new Map<string, Topology>();
  /** How many nodes are of a kind that only few plugins care about: most cycles can skip those. */
  readonly special = { cordoned: 0, tainted: 0, softTainted: 0 };
  #size = 0;

  constructor() {
    this.column = Object.fromEntries(columns.map((name) => [name, new Float64Array(16)])) as Record<
      Column,
      Float64Array
    >;
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#size;
  }

  slotOf(name: string): number | undefined {
    const slot = this.#byName.get(name);
    return slot !== undefined && this.slots[slot]?.node ? slot : undefined;
  }

  /** The slots of all nodes. */
  live(): number[] {
    const live: number[] = [];
    for (let slot = 0; slot < this.slots.length; slot++) if (this.slots[slot]?.node) live.push(slot);
    return live;
  }

  setNode(node: Node): void {
    const slot = this.#claim(node.metadata?.name ?? '');
    const entry = this.slots[slot]!;
    this.#note(entry, -1);
    if (!entry.node || !sameLabels(entry.labels, node.metadata?.labels ?? none)) this.#topologies.clear();
    entry.node = node;
    entry.labels = node.metadata?.labels ?? none;
    entry.taints = node.spec?.taints ?? [];
    entry.images = imagesOf(node);
    this.#note(entry, 1);
    entry.scalars = new Map();
    const { cpu, memory, storage, pods } = this.column;
    cpu[slot] = memory[slot] = storage[slot] = pods[slot] = 0;
    const allocatable = node.status?.allocatable;
    for (const resource in allocatable) {
      const value = amount(resource, allocatable[resource]!);
      if (resource === 'cpu') cpu[slot] = value;
      else if (resource === 'memory') memory[slot] = value;
      else if (resource === 'ephemeral-storage') storage[slot] = value;
      else if (resource === 'pods') pods[slot] = value;
      else entry.scalars.set(resource, value);
    }
  }

  removeNode(name: string): void {
    const slot = this.slotOf(name);
    if (slot === undefined) return;
    const entry = this.slots[slot]!;
    this.#note(entry, -1);
    this.#topologies.clear();
    entry.images = new Map();
    entry.node = undefined;
    this.#release(slot);
  }

  /** Whether the pod counts against some node. */
  has(uid: string): boolean {
    return this.#assigned.has(uid);
  }

  /** Counts a pod against a node; one that was counted before is counted anew. */
  addPod(info: PodInfo, nodeName: string): void {
    this.removePod(info.uid);
    const slot = this.#claim(nodeName);
    const entry = this.slots[slot]!;
    this.#assigned.set(info.uid, { info, slot });
    entry.pods.set(info.uid, info);
    this.#use(slot, info, 1);
    for (const port of info.ports) {
      const key = portKey(port);
      const addresses = entry.ports.get(key);
      if (addresses) addresses.push(port.ip);
      else entry.ports.set(key, [port.ip]);
    }
    const affinity = info.pod.spec?.affinity;
    if (affinity?.podAffinity || affinity?.podAntiAffinity) this.affine.set(info.uid, { info, slot });
    this.#counts.note(info, slot, 1);
  }

  removePod(uid: string): void {
    const assigned = this.#assigned.get(uid);
    if (!assigned) return;
    const { info, slot } = assigned;
    const entry = this.slots[slot]!;
    this.#assigned.delete(uid);
    this.affine.delete(uid);
    entry.pods.delete(uid);
    this.#use(slot, info, -1);
    for (const port of info.ports) {
      const key = portKey(port);
      const addresses = entry.ports.get(key) ?? [];
      addresses.splice(addresses.indexOf(port.ip), 1);
      if (addresses.length === 0) entry.ports.delete(key);
    }
    this.#counts.note(info, slot, -1);
    this.#release(slot);
  }

  /** Whether a host port is taken on a node: an address conflicts with itself and with all addresses. */
  taken(slot: number, port: HostPort): boolean {
    const addresses = this.slots[slot]!.ports.get(portKey(port));
    if (!addresses) return false;
    return port.ip === anyAddress || addresses.includes(port.ip) || addresses.includes(anyAddress);
  }

  /** How many nodes have an image. */
  imageSpread(image: string): number {
    return this.#imageNodes.get(image) ?? 0;
  }

  /** By slot, how many pods of a namespace a selector matches. Valid until the next change. */
  matching(namespace: string, selector: LabelSelector): Int32Array {
    return this.#counts.of(namespace, selector, this.slots.length, (visit) => {
      for (const { info, slot } of this.#assigned.values()) visit(info, slot);
    });
  }

  /** The values of a label over all nodes. Valid until the next change of a node. */
  topology(key: string): Topology {
    let topology = this.#topologies.get(key);
    if (topology) return topology;
    const values = new Map<string, number>();
    const ids = new Int32Array(this.slots.length).fill(-1);
    this.slots.forEach((entry, slot) => {
      const value = entry?.node && entry.labels[key];
      if (value === undefined) return;
      let id = values.get(value);
      if (id === undefined) values.set(value, (id = values.size));
      ids[slot] = id;
    });
    this.#topologies.set(key, (topology = { ids, size: values.size }));
    return topology;
  }

  #use(slot: number, { demand, nonZero }: PodInfo, by: 1 | -1): void {
    const c = this.column;
    c.usedCpu[slot]! += by * demand.cpu;
    c.usedMemory[slot]! += by * demand.memory;
    c.usedStorage[slot]! += by * demand.storage;
    c.usedPods[slot]! += by;
    c.nonZeroCpu[slot]! += by * nonZero.cpu;
    c.nonZeroMemory[slot]! += by * nonZero.memory;
    const used = this.slots[slot]!.usedScalars;
    for (const [resource, value] of demand.scalars) used.set(resource, (used.get(resource) ?? 0) + by * value);
  }

  #claim(name: string): number {
    let slot = this.#byName.get(name);
    if (slot !== undefined) return slot;
    slot = this.#free.pop() ?? this.slots.length;
    this.slots[slot] = {
      name,
      node: undefined,
      labels: none,
      taints: [],
      scalars: new Map(),
      usedScalars: new Map(),
      images: new Map(),
      pods: new Map(),
      ports: new Map(),
    };
    this.#byName.set(name, slot);
    for (const column of columns) {
      const values = this.column[column];
      if (slot < values.length) values[slot] = 0;
      else {
        this.column[column] = new Float64Array(2 * values.length);
        this.column[column].set(values);
      }
    }
    return slot;
  }

  #release(slot: number): void {
    const entry = this.slots[slot]!;
    if (entry.node || entry.pods.size > 0) return;
    this.#byName.delete(entry.name);
    this.slots[slot] = undefined;
    this.#free.push(slot);
  }

  /** Counts a node in (1) or out (-1) of what is known of all nodes together. */
  #note(entry: NodeSlot, by: 1 | -1): void {
    if (!entry.node) return;
    this.#size += by;
    if (entry.node.spec?.unschedulable) this.special.cordoned += by;
    if (entry.taints.length > 0) this.special.tainted += by;
    if (entry.taints.some(({ effect }) => effect === 'PreferNoSchedule')) this.special.softTainted += by;
    for (const image of entry.images.keys()) {
      const count = (this.#imageNodes.get(image) ?? 0) + by;
      if (count === 0) this.#imageNodes.delete(image);
      else this.#imageNodes.set(image, count);
    }
  }
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function portKey(port: HostPort): string {
  return `${port.protocol}/${port.port}`;
}

function imagesOf(node: Node): Map<string, number> {
  const images = new Map<string, number>();
  for (const { names, sizeBytes } of node.status?.images ?? []) {
    for (const name of names ?? []) images.set(name, sizeBytes ?? 0);
  }
  return images;
}
