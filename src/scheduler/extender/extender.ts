import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { ExtenderConfig } from '../config/types.ts';
import { maxScore } from '../plugin.ts';
import { type AskExtender, extenderHttp } from './http.ts';
import {
  bindingArgs,
  errorOf,
  extenderArgs,
  type FilterResult,
  filterResult,
  hostPriorities,
  metaVictims,
  preemptionArgs,
  type VictimsWire,
} from './wire.ts';

/** The best score an extender gives. */
const maxExtenderScore = 10;

/** A process outside that has a say in where pods go (upstream's HTTPExtender). */
export class Extender {
  readonly config: ExtenderConfig;
  readonly #ask: AskExtender;
  readonly #managed: ReadonlySet<string>;

  /** Throws when a file of its tlsConfig cannot be read. */
  constructor(config: ExtenderConfig, clock: Clock, ask: AskExtender = extenderHttp(config, clock)) {
    this.config = config;
    this.#ask = ask;
    this.#managed = new Set(config.managedResources?.map(({ name }) => name));
  }

  /** Extenders go by where they are. */
  get name(): string {
    return this.config.urlPrefix;
  }

  /** Whether the pod is any of its business: it asks for a resource the extender manages, or the extender wants all pods. */
  isInterested({ spec }: Pod): boolean {
    if (this.#managed.size === 0) return true;
    return [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some(({ resources }) =>
      [resources?.requests, resources?.limits].some((list) =>
        Object.keys(list ?? {}).some((r) => this.#managed.has(r)),
      ),
    );
  }

  /** Which of the nodes are left. Throws when the extender fails, or says so. */
  async filter(pod: Pod, nodes: readonly Node[], signal: AbortSignal): Promise<FilterResult> {
    const { filterVerb, nodeCacheCapable = false } = this.config;
    const answer = await this.#ask(filterVerb!, extenderArgs(pod, nodes, nodeCacheCapable), signal);
    const result = filterResult(answer, nodeCacheCapable);
    if (result.error) throw new Error(result.error);
    const known = new Set(nodes.map(({ metadata }) => metadata?.name));
    const stranger = result.nodes?.find((name) => !known.has(name));
    if (stranger === undefined) return result;
    throw new Error(
      `extender ${JSON.stringify(this.name)} claims a filtered node ${JSON.stringify(stranger)} which is not found in the input node list`,
    );
  }

  /** What the extender adds to the scores of nodes, by name. */
  async prioritize(pod: Pod, nodes: readonly Node[], signal: AbortSignal): Promise<Map<string, number>> {
    const { prioritizeVerb, nodeCacheCapable = false, weight = 1 } = this.config;
    const scores = hostPriorities(await this.#ask(prioritizeVerb!, extenderArgs(pod, nodes, nodeCacheCapable), signal));
    for (const [name, score] of scores) scores.set(name, score * weight * (maxScore / maxExtenderScore));
    return scores;
  }

  /** Has the extender bind the pod. */
  async bind(pod: Pod, node: string, signal: AbortSignal): Promise<void> {
    const error = errorOf(await this.#ask(this.config.bindVerb!, bindingArgs(pod, node), signal));
    if (error) throw new Error(error);
  }

  /** Which of the nodes pods may be evicted from, and which pods. */
  async preempt(
    pod: Pod,
    victims: ReadonlyMap<string, VictimsWire>,
    signal: AbortSignal,
  ): Promise<ReturnType<typeof metaVictims>> {
    const { preemptVerb, nodeCacheCapable = false } = this.config;
    return metaVictims(await this.#ask(preemptVerb!, preemptionArgs(pod, victims, nodeCacheCapable), signal));
  }
}
