import type { Transport } from '../../client/call.ts';
import { type Mirror, Reflector, type ReflectorEnvironment } from '../../client/reflector.ts';
import type { Counted } from './plan.ts';

interface Monitor {
  readonly version: string;
  readonly stop: AbortController;
}

/** Watches what the quotas of each namespace count, and nothing else: one watch per (namespace, resource). */
export class QuotaMonitors {
  readonly #transport: Transport;
  readonly #env: ReflectorEnvironment;
  readonly #changed: (namespace: string, resource: string) => void;
  readonly #byNamespace = new Map<string, Map<string, Monitor>>();
  readonly #runs = new Set<Promise<void>>();
  #closed = false;

  /** `changed` is told of every change that can matter to a count, and whenever something may have been missed. */
  constructor(transport: Transport, env: ReflectorEnvironment, changed: (namespace: string, resource: string) => void) {
    this.#transport = transport;
    this.#env = env;
    this.#changed = changed;
  }

  /** From now on watches exactly this in a namespace. */
  set(namespace: string, wanted: readonly Counted[]): void {
    if (this.#closed) return;
    const running = this.#byNamespace.get(namespace) ?? new Map<string, Monitor>();
    const versions = new Map(wanted.map(({ entry, evaluator }) => [evaluator.resource, entry.version]));
    for (const [resource, { version, stop }] of running) {
      if (versions.get(resource) === version) continue;
      stop.abort();
      running.delete(resource);
    }
    for (const counted of wanted) {
      const { resource } = counted.evaluator;
      if (!running.has(resource)) running.set(resource, this.#start(namespace, counted));
    }
    if (running.size === 0) this.#byNamespace.delete(namespace);
    else this.#byNamespace.set(namespace, running);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const monitors of this.#byNamespace.values()) for (const { stop } of monitors.values()) stop.abort();
    this.#byNamespace.clear();
    await Promise.all(this.#runs);
  }

  #start(namespace: string, { entry, evaluator }: Counted): Monitor {
    const { group, version, resource } = entry;
    const stop = new AbortController();
    const changed = () => {
      if (!stop.signal.aborted) this.#changed(namespace, evaluator.resource);
    };
    const mirror: Mirror = {
      begin: () => {},
      page: () => {},
      end: changed,
      apply: (events) => {
        if (evaluator.varies || events.some(({ type }) => type !== 'MODIFIED')) changed();
      },
      progress: () => {},
    };
    const selection = { resource: { group, version, resource }, namespace };
    const run = new Reflector(this.#transport, selection, mirror, this.#env)
      .run(stop.signal)
      .finally(() => this.#runs.delete(run));
    this.#runs.add(run);
    return { version, stop };
  }
}
