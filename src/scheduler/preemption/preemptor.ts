import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { Diagnosis } from '../cycle/diagnosis.ts';
import { noVictims } from '../cycle/fit-error.ts';
import type { Extender } from '../extender/extender.ts';
import type { Framework } from '../framework.ts';
import type { SchedulerMetrics } from '../metrics.ts';
import type { SchedulingQueue } from '../queue/queue.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { Nominations } from '../state/nominations.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { World } from '../state/world.ts';
import { DryRuns } from './dry-runs.ts';
import { evict, nominate } from './evict.ts';
import { askAboutVictims } from './extender-preemption.ts';
import {
  bestCandidate,
  type Candidates,
  type DryRun,
  enoughCandidates,
  findCandidates,
  preemptionBar,
  type Victims,
} from './preemption.ts';

/** What preemption needs of the scheduler it belongs to. */
export interface PreemptionTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodes: NodeTable;
  readonly world: World;
  readonly nominations: Nominations;
  readonly queue: SchedulingQueue;
  readonly metrics: SchedulerMetrics;
  /** Takes work that the scheduler waits for before it ends. */
  spawn(work: Promise<void>): void;
}

/** What came of looking for pods to evict. */
export interface Preemption {
  /** Whether room is being made. */
  readonly made: boolean;
  /** Why not; nothing where nobody looked. */
  readonly why?: string | undefined;
}

/** Makes room for pods that fit nowhere, at the cost of less important ones. */
export class Preemptor {
  readonly #tools: PreemptionTools;
  readonly #preempting: Set<string>;
  readonly #dryRuns: DryRuns;

  /** `preempting` holds the pods for which others are just being evicted: they are not tried before that is done. */
  constructor(tools: PreemptionTools, preempting: Set<string>) {
    this.#tools = tools;
    this.#preempting = preempting;
    this.#dryRuns = new DryRuns(tools.nodes);
  }

  /** Evicts less important pods if that makes room; says why not otherwise. */
  preempt(info: PodInfo, framework: Framework, diagnosis: Diagnosis, signal: AbortSignal): Preemption {
    const candidates = this.#candidates(info, framework, diagnosis);
    if (!candidates || typeof candidates === 'string') return { made: false, why: candidates };
    const { found } = candidates;
    if (found.length === 0) return { made: false, why: this.#renounce(info, diagnosis, candidates, signal) };
    this.#evict(info, framework, bestCandidate(found), signal);
    return { made: true };
  }

  /** The same where extenders have a say. */
  async preemptAsking(
    info: PodInfo,
    framework: Framework,
    diagnosis: Diagnosis,
    extenders: readonly Extender[],
    signal: AbortSignal,
  ): Promise<Preemption> {
    const { nodes, log } = this.#tools;
    const candidates = this.#candidates(info, framework, diagnosis);
    if (!candidates || typeof candidates === 'string') return { made: false, why: candidates };
    const { found } = candidates;
    if (found.length === 0) return { made: false, why: this.#renounce(info, diagnosis, candidates, signal) };
    try {
      const left = await askAboutVictims(extenders, info, found, nodes, log, signal);
      if (left.length === 0) return { made: false, why: 'no candidate node for preemption' };
      this.#evict(info, framework, bestCandidate(left), signal);
      return { made: true };
    } catch (error) {
      return { made: false, why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Where pods could be evicted; a text when the pod must not evict any now; nothing when its profile evicts nobody. */
  #candidates(
    info: PodInfo,
    { name, preemption, cycle }: Framework,
    diagnosis: Diagnosis,
  ): Candidates | string | undefined {
    const { nodes, world, nominations } = this.#tools;
    if (!preemption || diagnosis.nodes === 0) return undefined;
    this.#tools.metrics.preempting();
    const { resolvable } = diagnosis;
    const bar = preemptionBar(info, nodes, resolvable);
    if (bar !== undefined) return bar;
    const enough = enoughCandidates(resolvable.length, preemption);
    return nominations.respecting(info, () => {
      const kind = cycle.kindOf(info);
      const whole = `${name} ${info.priority} ${world.budgetsVersion} ${kind}`;
      const keep = kind === undefined ? undefined : (run: DryRun) => this.#dryRuns.of(whole, run);
      return findCandidates(info, nodes, world, cycle.judge(info), resolvable, enough, keep);
    });
  }

  #evict(info: PodInfo, { events }: Framework, victims: Victims, signal: AbortSignal): void {
    const { client, clock, nominations, metrics } = this.#tools;
    const { node } = victims;
    metrics.victims(victims.pods.length);
    // Who was to have the node and is less important finds another place sooner without it.
    const displaced = nominations.lesser(info, node);
    for (const { uid } of displaced) nominations.delete(uid);
    nominations.set(info, node);
    this.#preempting.add(info.uid);
    const work = [
      evict({ client, clock, events }, info, victims, signal),
      ...displaced.map((other) => nominate(client, other, null, signal)),
    ];
    this.#tools.spawn(this.#attempt(info, Promise.all(work), signal));
  }

  /** The pod waits for no node any more; says why. */
  #renounce(info: PodInfo, { nodes, resolvable }: Diagnosis, { reasons }: Candidates, signal: AbortSignal): string {
    const { client, nominations, spawn } = this.#tools;
    const nominated = nominations.delete(info.uid) || info.pod.status?.nominatedNodeName;
    if (nominated) spawn(this.#attempt(info, nominate(client, info, null, signal), signal));
    return noVictims(nodes, resolvable.length, reasons);
  }

  /** Waits for what there is to write. When that fails the pod is tried again at once; the log says why. */
  async #attempt(info: PodInfo, work: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const { queue, log } = this.#tools;
    try {
      await work;
      this.#preempting.delete(info.uid);
      queue.release(info.uid);
    } catch (error) {
      this.#preempting.delete(info.uid);
      if (signal.aborted) return;
      log.warn('Preemption failed', { pod: `${info.namespace}/${info.name}`, error });
      queue.activate(info.uid);
    }
  }
}
