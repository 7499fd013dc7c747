import type { Node, Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { NodeNetwork } from '../../node/network.ts';
import { serviceOf, slicesByService } from '../slices.ts';
import { baseScript, type ProxySubnets, serviceTable } from './base-script.ts';
import { isProxied, planService } from './plan.ts';
import { difference, joinRules, noRules, type Rules } from './rules.ts';
import { staleFlows, type UdpFrontend, udpFrontends } from './udp-flows.ts';

export interface ServiceProxyOptions {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  /** Asked for the zones of nodes. */
  readonly nodes: Informer<Node>;
  readonly network: NodeNetwork;
  readonly subnets: ProxySubnets;
  readonly clock: Clock;
  readonly log: Logger;
}

const zoneOf = ({ metadata }: Node) => metadata.labels?.['topology.kubernetes.io/zone'];

/** Changes that come together are applied together; long enough for a burst, too short to notice. Milliseconds. */
const gather = 2;
/** How often a node that refuses is tried before it is left until its network is made anew. */
const tries = 5;

interface NodeState {
  /** What the node's kernel holds, by Service; undefined means: unknown, begin from nothing. */
  applied: Map<string, Rules> | undefined;
  dirty: Set<string>;
  running: boolean;
  failures: number;
}

/**
 * Keeps every node's Service rules in step with Services and EndpointSlices. Each change costs the rules of the
 * Services it touches, in one transaction per node; a node made anew gets everything at once.
 */
export class ServiceProxy {
  readonly #options: ServiceProxyOptions;
  readonly #nodes = new Map<string, NodeState>();
  readonly #frontends = new Map<string, UdpFrontend[]>();
  readonly #tasks = new Set<Promise<void>>();
  #timer: Timer | undefined;
  #signal: AbortSignal = AbortSignal.abort();

  constructor(options: ServiceProxyOptions) {
    this.#options = options;
  }

  /** Programs nodes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { services, slices, nodes, network } = this.#options;
    this.#signal = signal;
    slices.index(slicesByService);
    const stops = [
      // A node may come before the informers have synced; it waits below.
      network.onReset((node) => this.#reset(node)),
    ];
    try {
      await Promise.all([services.whenSynced(signal), slices.whenSynced(signal), nodes.whenSynced(signal)]);
      stops.push(
        services.on({
          added: (service) => this.#touch(keyOf(service)),
          updated: (_, service) => this.#touch(keyOf(service)),
          deleted: (service) => this.#touch(keyOf(service)),
        }),
        slices.on({
          added: (slice) => this.#touch(serviceOf(slice)),
          updated: (old, slice) => {
            this.#touch(serviceOf(old));
            this.#touch(serviceOf(slice));
          },
          deleted: (slice) => this.#touch(serviceOf(slice)),
        }),
        nodes.on({
          added: (node) => this.#moved(node, undefined),
          updated: (old, node) => this.#moved(node, zoneOf(old)),
        }),
      );
      for (const node of this.#nodes.keys()) this.#wake(node);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      for (const stop of stops) stop();
      this.#timer?.cancel();
      await Promise.allSettled(this.#tasks);
    }
  }

  /** Resolves when every node has what the caches say now. */
  async settled(): Promise<void> {
    while (this.#timer || this.#tasks.size > 0) {
      await Promise.allSettled(this.#tasks);
      if (this.#timer) await this.#options.clock.sleep(gather, this.#signal);
    }
  }

  get #synced(): boolean {
    const { services, slices, nodes } = this.#options;
    return services.synced && slices.synced && nodes.synced;
  }

  /** A node is in another zone than it was: other endpoints may be meant for it. */
  #moved(node: Node, before: string | undefined): void {
    const name = node.metadata.name ?? '';
    const state = this.#nodes.get(name);
    if (!state?.applied || zoneOf(node) === before) return;
    for (const service of this.#options.services.values()) state.dirty.add(keyOf(service));
    this.#wake(name);
  }

  #reset(node: string): void {
    const state = this.#nodes.get(node);
    if (state) {
      state.applied = undefined;
      state.failures = 0;
    } else {
      this.#nodes.set(node, { applied: undefined, dirty: new Set(), running: false, failures: 0 });
    }
    if (this.#synced) this.#wake(node);
  }

  #touch(service: string): void {
    for (const state of this.#nodes.values()) state.dirty.add(service);
    this.#timer ??= this.#options.clock.after(gather, () => {
      this.#timer = undefined;
      for (const node of this.#nodes.keys()) this.#wake(node);
    });
  }

  #wake(node: string): void {
    const state = this.#nodes.get(node);
    if (!state || state.running || this.#signal.aborted) return;
    state.running = true;
    const task = this.#sync(node, state).finally(() => {
      state.running = false;
      this.#tasks.delete(task);
    });
    this.#tasks.add(task);
  }

  async #sync(node: string, state: NodeState): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#signal.aborted && (state.applied === undefined || state.dirty.size > 0)) {
      const held = state.applied;
      try {
        await (held ? this.#change(node, state, held) : this.#fill(node, state));
        state.failures = 0;
      } catch (error) {
        if (this.#signal.aborted) return;
        state.applied = undefined;
        state.failures++;
        if (state.failures >= tries) {
          log.error('a node refuses the rules of Services', { node, error });
          this.#nodes.delete(node);
          return;
        }
        log.warn('rules of Services could not be applied; trying again', { node, error });
        await clock.sleep(100 * 2 ** state.failures, this.#signal).catch(() => undefined);
      }
    }
  }

  /** Everything, from nothing. */
  async #fill(node: string, state: NodeState): Promise<void> {
    state.dirty = new Set();
    const applied = new Map<string, Rules>();
    for (const service of this.#options.services.values()) {
      if (!isProxied(service)) continue;
      const key = keyOf(service);
      applied.set(key, this.#plan(key, node));
      this.#frontends.set(`${node} ${key}`, udpFrontends(service, this.#slicesOf(key)));
    }
    // A reset that arrives while the script runs must not be forgotten.
    state.applied = applied;
    const script = [
      baseScript(this.#options.subnets),
      ...difference(serviceTable, noRules, joinRules(applied.values())),
    ];
    await this.#options.network.apply(node, script.join('\n'), this.#signal);
  }

  /** Only what changed. */
  async #change(node: string, state: NodeState, held: Map<string, Rules>): Promise<void> {
    const keys = state.dirty;
    state.dirty = new Set();
    const before: Rules[] = [];
    const after: Rules[] = [];
    const next = new Map<string, Rules>();
    for (const key of keys) {
      before.push(held.get(key) ?? noRules);
      const rules = this.#plan(key, node);
      after.push(rules);
      next.set(key, rules);
    }
    const commands = difference(serviceTable, joinRules(before), joinRules(after));
    if (commands.length > 0) await this.#options.network.apply(node, commands.join('\n'), this.#signal);
    for (const [key, rules] of next) {
      if (this.#options.services.get(key)) held.set(key, rules);
      else held.delete(key);
    }
    await this.#forgetFlows(node, keys);
  }

  #plan(key: string, node: string): Rules {
    const service = this.#options.services.get(key);
    if (!service) return noRules;
    const object = this.#options.nodes.get(node);
    const there = { node, zone: object && zoneOf(object) };
    return planService(service, this.#slicesOf(key), there, this.#options.subnets);
  }

  #slicesOf(key: string): EndpointSlice[] {
    return this.#options.slices.by(slicesByService, key);
  }

  /** UDP has no end of connection: the kernel would go on sending to where the first packet went. */
  async #forgetFlows(node: string, keys: ReadonlySet<string>): Promise<void> {
    for (const key of keys) {
      const at = `${node} ${key}`;
      const service = this.#options.services.get(key);
      const now = service ? udpFrontends(service, this.#slicesOf(key)) : [];
      const stale = staleFlows(this.#frontends.get(at) ?? [], now);
      if (now.length > 0) this.#frontends.set(at, now);
      else this.#frontends.delete(at);
      if (stale.length > 0) await this.#options.network.forgetUdp(node, stale, this.#signal);
    }
  }
}
