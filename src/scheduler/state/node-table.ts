import type { Node, Taint } from '../../api/types/core-v1.gen.ts';
import { ChangeLog } from './change-log.ts';
import { type ImageSizes, NodeImages, noImages } from './node-images.ts';
import { PlacedTerms } from './placed-terms.ts';
import { PodCounts, type PodSet } from './pod-counts.ts';
import { amount, countsAlike, type HostPort, type PodInfo } from './pod-info.ts';
import type { SlotCounts } from './slot-counts.ts';
import { type NodeMask, Topologies, type Topology } from './topology.ts';

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

interface Assigned {
  info: PodInfo;
  readonly slot: number;
}

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
  images: ImageSizes;
  readonly pods: Map<string, PodInfo>;
  /** Addresses in use by protocol and port; a pod more than once is possible, hence a list. */
  readonly ports: Map<string, string[]>;
}

const none: Readonly<Record<string, string>> = {};
const anyAddress = '0.0.0.0';
const untainted: readonly Taint[] = [];

/**
 * Every node and what its pods use, kept up to date pod by pod. Numbers live in typed columns indexed by slot, so that
 * a cycle over thousands of nodes reads memory in order.
 */
export class NodeTable {
  readonly slots: (NodeSlot | undefined)[] = [];
  readonly column: Record<Column, Float64Array>;
  readonly #byName = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #assigned = new Map<string, Assigned>();
  readonly #counts = new PodCounts();
  readonly #topologies = new Topologies();
  readonly images = new NodeImages();
  /** The affinity terms of all pods on nodes. */
  readonly terms = new PlacedTerms();
  /** The slots whose node or pods changed. */
  readonly changes = new ChangeLog();
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

  /** How many pods count against nodes. */
  get podCount(): number {
    return this.#assigned.size;
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
    if (!entry.node) this.#size++;
    const labels = node.metadata?.labels ?? none;
    const taints = node.spec?.taints ?? untainted;
    if (!entry.node || !same(entry.labels, labels) || !same(entry.taints, taints)) this.#topologies.clear();
    entry.node = node;
    entry.labels = labels;
    entry.taints = taints;
    entry.images = this.images.change(slot, entry.images, node);
    this.#allocate(slot, node);
    this.#changed(slot);
  }

  removeNode(name: string): void {
    const slot = this.slotOf(name);
    if (slot === undefined) return;
    const entry = this.slots[slot]!;
    this.#size--;
    this.#topologies.clear();
    entry.images = this.images.change(slot, entry.images, undefined);
    entry.node = undefined;
    this.#changed(slot);
    this.#release(slot);
  }

  /** Whether the pod counts against some node. */
  has(uid: string): boolean {
    return this.#assigned.has(uid);
  }

  /** Counts a pod against a node; one that was counted before is counted anew. */
  addPod(info: PodInfo, nodeName: string): void {
    const before = this.#assigned.get(info.uid);
    if (before && before.slot === this.#byName.get(nodeName) && countsAlike(before.info, info)) {
      before.info = info;
      this.slots[before.slot]!.pods.set(info.uid, info);
      return;
    }
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
    this.terms.note(info, slot, 1);
    this.#counts.note(info, slot, 1);
    this.#changed(slot);
  }

  removePod(uid: string): void {
    const assigned = this.#assigned.get(uid);
    if (!assigned) return;
    const { info, slot } = assigned;
    const entry = this.slots[slot]!;
    this.#assigned.delete(uid);
    entry.pods.delete(uid);
    this.#use(slot, info, -1);
    for (const port of info.ports) {
      const key = portKey(port);
      const addresses = entry.ports.get(key) ?? [];
      addresses.splice(addresses.indexOf(port.ip), 1);
      if (addresses.length === 0) entry.ports.delete(key);
    }
    this.terms.note(info, slot, -1);
    this.#counts.note(info, slot, -1);
    this.#changed(slot);
    this.#release(slot);
  }

  /** Whether a host port is taken on a node: an address conflicts with itself and with all addresses. */
  taken(slot: number, port: HostPort): boolean {
    const addresses = this.slots[slot]!.ports.get(portKey(port));
    if (!addresses) return false;
    return port.ip === anyAddress || addresses.includes(port.ip) || addresses.includes(anyAddress);
  }

  /** How many pods of a set are on each node. */
  count(set: PodSet): SlotCounts {
    const counts = this.#counts.of(set, (visit) => {
      for (const { info, slot } of this.#assigned.values()) visit(info, slot);
    });
    counts.reach(this.slots.length);
    return counts;
  }

  /** The values of a label over all nodes, as they are now. */
  topology(key: string): Topology {
    return this.#topologies.of(key, this.slots);
  }

  /** The nodes a test holds for. It may read labels, taints and names; the name must say all else it depends on. */
  mask(name: string, test: (slot: NodeSlot) => boolean): NodeMask {
    return this.#topologies.mask(name, this.slots, (slot) => test(this.slots[slot]!));
  }

  #allocate(slot: number, node: Node): void {
    const scalars = new Map<string, number>();
    this.slots[slot]!.scalars = scalars;
    const { cpu, memory, storage, pods } = this.column;
    cpu[slot] = memory[slot] = storage[slot] = pods[slot] = 0;
    const allocatable = node.status?.allocatable;
    for (const resource in allocatable) {
      const value = amount(resource, allocatable[resource]!);
      if (resource === 'cpu') cpu[slot] = value;
      else if (resource === 'memory') memory[slot] = value;
      else if (resource === 'ephemeral-storage') storage[slot] = value;
      else if (resource === 'pods') pods[slot] = value;
      else scalars.set(resource, value);
    }
  }

  #changed(slot: number): void {
    this.changes.push(slot, this.slots.length);
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
      taints: untainted,
      scalars: new Map(),
      usedScalars: new Map(),
      images: noImages,
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
}

const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

function portKey(port: HostPort): string {
  return `${port.protocol}/${port.port}`;
}
