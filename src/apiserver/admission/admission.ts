import type { KubeObject, Mutable } from '../../api/object.ts';
import type { CallOptions, UserInfo } from '../../client/call.ts';
import type { Served } from '../registry/served.ts';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One write as admission sees it. */
export interface AdmissionRequest {
  readonly operation: AdmissionOperation;
  /** The resource in the version that `object` and `old` are in. */
  readonly served: Served;
  /** The resource in the version that was asked for: the same for custom resources. */
  readonly asked: Served;
  readonly subresource: string;
  readonly namespace: string;
  /** While all that mutate run, what a name that is yet to be generated begins with: refusals tell it. */
  name: string;
  readonly user: UserInfo;
  /** The new state; absent for deletes. Mutating plugins change it in place. */
  readonly object: Mutable<KubeObject> | undefined;
  /** The stored state; absent for creates. Frozen. */
  readonly old: KubeObject | undefined;
  readonly dryRun: boolean;
  /** The options of the write; with `dryRun`, what webhooks and policies know of CreateOptions and the like. */
  readonly options: CallOptions;
  readonly warn: (text: string) => void;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: () => AbortSignal | undefined;
  /** Made by the first plugin that may want another round. */
  reinvocation: Reinvocation | undefined;
}

/**
 * Another round of all that mutate, once something from outside has changed the object: those before it get to see that.
 * Source: apiserver `admission/reinvocation.go`.
 */
export class Reinvocation {
  /** Set by a plugin in the first round. */
  wanted = false;
  /** Whether this is the second round. */
  again = false;
  /** What plugins know of the first round, by plugin. */
  readonly notes = new Map<AdmissionPlugin['name'], unknown>();
}

/** What a write takes from a shared stock. Held from the moment it is made, until it is settled or released. */
export interface Charge {
  /** Books it, once the write has been accepted; call it in the same turn. Resolves when that is durable. */
  settle(): Promise<void>;
  /** Gives it back. Does nothing once it is settled. */
  release(): void;
}

/** One admission plugin. It refuses by throwing a StatusError. Synchronous plugins keep a write in one turn. */
export interface AdmissionPlugin {
  readonly name: string;
  readonly operations: ReadonlySet<AdmissionOperation>;
  /** The resources it looks at ("deployments.apps"), subresources included; all unless given. */
  readonly resources?: ReadonlySet<string>;
  /** Whether it would do nothing whatever came: the list it goes by is empty. */
  readonly idle?: () => boolean;
  readonly mutate?: (request: AdmissionRequest) => void | Promise<void>;
  readonly validate?: (request: AdmissionRequest) => void | Promise<void>;
  /** Comes after everything else that could refuse the write, right before it. For one plugin only. */
  readonly charge?: (request: AdmissionRequest) => Charge | undefined;
}

/**
 * The plugins in order: all that mutate run before the kind prepares the object, all that validate after its checks, and
 * the one that charges before it is stored.
 */
export class Admission {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];
  readonly #charging: AdmissionPlugin | undefined;

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#mutating = plugins.filter((p) => p.mutate);
    this.#validating = plugins.filter((p) => p.validate);
    this.#charging = plugins.find((p) => p.charge);
  }

  /** Whether a plugin had its hands on the object, which then may need defaults again. */
  mutate(request: AdmissionRequest): boolean | Promise<boolean> {
    const running = runFrom(this.#mutating, 'mutate', request, 0);
    return running ? this.#again(request, running) : this.#mutating.some((plugin) => concerns(plugin, request));
  }

  async #again(request: AdmissionRequest, firstRound: Promise<void>): Promise<boolean> {
    await firstRound;
    const { reinvocation } = request;
    if (reinvocation?.wanted) {
      reinvocation.again = true;
      await runFrom(this.#mutating, 'mutate', request, 0);
    }
    return true;
  }

  validate(request: AdmissionRequest): void | Promise<void> {
    return runFrom(this.#validating, 'validate', request, 0);
  }

  /** Reserves what the write takes; undefined when that is nothing. Whoever calls it settles or releases. */
  charge(request: AdmissionRequest): Charge | undefined {
    const plugin = this.#charging;
    return plugin && concerns(plugin, request) ? plugin.charge!(request) : undefined;
  }
}

const concerns = ({ operations, resources, idle }: AdmissionPlugin, request: AdmissionRequest): boolean =>
  operations.has(request.operation) &&
  (resources === undefined || resources.has(request.served.qualified)) &&
  !idle?.();

/** Runs plugins one after another, staying synchronous until one is not. */
function runFrom(
  plugins: readonly AdmissionPlugin[],
  phase: 'mutate' | 'validate',
  request: AdmissionRequest,
  start: number,
): void | Promise<void> {
  for (let i = start; i < plugins.length; i++) {
    const plugin = plugins[i]!;
    if (!concerns(plugin, request)) continue;
    const running = plugin[phase]!(request);
    if (running) return running.then(() => runFrom(plugins, phase, request, i + 1));
  }
}
