import type { Clock, Timer } from '../../base/clock.ts';
import type { Scope } from '../../base/scope.ts';
import type { Health } from '../pod-worker/observed.ts';
import type { Container, Probe } from '../types.ts';
import type { CheckResult } from './check.ts';

type Kind = 'startup' | 'liveness' | 'readiness';

/** What one container's probes need. */
export interface ProberOptions {
  readonly container: Container;
  readonly clock: Clock;
  readonly scope: Scope;
  /** How long the container has been running, milliseconds: initial delays count from its start. */
  readonly age: number;
  /** What was known before krill restarted; probes confirm or change it, nothing flaps meanwhile. */
  readonly before?: { readonly started: boolean; readonly ready: boolean } | undefined;
  readonly check: (probe: Probe, signal: AbortSignal) => Promise<CheckResult>;
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** The health changed. */
  readonly changed: () => void;
}

interface Worker {
  readonly kind: Kind;
  readonly probe: Probe;
  last: boolean | undefined;
  run: number;
  result: boolean | undefined;
  onHold: boolean;
  checking: boolean;
  timer: Timer | undefined;
}

const titles: Record<Kind, string> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

/** Whether a container has any probe at all. */
export const hasProbes = (container: Container): boolean =>
  Boolean(container.startupProbe ?? container.livenessProbe ?? container.readinessProbe);

/**
 * The probes of one running container. The rules are kubelet's: the others wait for the startup probe; a result counts
 * once it came `threshold` times in a row; a container given up is not probed again.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #workers: Worker[] = [];
  readonly #abort = new AbortController();
  readonly #began: number;
  #health: Health;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#began = options.clock.steady() - options.age;
    const { startupProbe, livenessProbe, readinessProbe } = options.container;
    for (const [kind, probe] of [
      ['startup', startupProbe],
      ['liveness', livenessProbe],
      ['readiness', readinessProbe],
    ] as const) {
      if (!probe) continue;
      this.#workers.push({
        kind,
        probe,
        last: undefined,
        run: 0,
        result: undefined,
        onHold: false,
        checking: false,
        timer: undefined,
      });
    }
    const started = options.before?.started || !startupProbe;
    this.#health = { started, ready: started && (options.before?.ready || !readinessProbe) };
    for (const worker of this.#workers) this.#schedule(worker, this.#delay(worker));
  }

  get health(): Health {
    return this.#health;
  }

  /** While the pod ends only readiness is still of interest. */
  ending(): void {
    for (const worker of this.#workers) if (worker.kind !== 'readiness') this.#hold(worker);
  }

  stop(): void {
    this.#abort.abort(new DOMException('the container is no longer probed', 'AbortError'));
    for (const worker of this.#workers) this.#hold(worker);
  }

  #hold(worker: Worker): void {
    worker.onHold = true;
    worker.timer?.cancel();
  }

  /** Milliseconds until the first check: the rest of the initial delay. */
  #delay(worker: Worker): number {
    const due = this.#began + (worker.probe.initialDelaySeconds ?? 0) * 1000;
    return Math.max(0, due - this.#options.clock.steady());
  }

  #schedule(worker: Worker, ms: number): void {
    if (worker.onHold || !this.#mayRun(worker)) return;
    worker.timer?.cancel();
    worker.timer = this.#options.clock.after(ms, () => this.#fire(worker));
  }

  #mayRun(worker: Worker): boolean {
    return worker.kind === 'startup' ? !this.#health.started : this.#health.started;
  }

  #fire(worker: Worker): void {
    if (worker.onHold || worker.checking || !this.#mayRun(worker)) return;
    const began = this.#options.clock.steady();
    worker.checking = true;
    this.#options.scope.spawn(`${worker.kind} probe of ${this.#options.container.name}`, async (signal) => {
      const both = AbortSignal.any([signal, this.#abort.signal]);
      try {
        const result = await this.#options.check(worker.probe, both);
        worker.checking = false;
        if (!both.aborted && !worker.onHold) this.#take(worker, result);
      } catch (error) {
        worker.checking = false;
        if (!both.aborted) throw error;
      }
      if (both.aborted) return;
      const period = (worker.probe.periodSeconds ?? 10) * 1000;
      this.#schedule(worker, Math.max(0, began + period - this.#options.clock.steady()));
    });
  }

  #take(worker: Worker, { outcome, output }: CheckResult): void {
    const passed = outcome === 'success';
    if (outcome === 'failure') this.#tell('Unhealthy', `${titles[worker.kind]} probe failed: ${output}`);
    if (outcome === 'error') {
      this.#tell('Unhealthy', `${titles[worker.kind]} probe errored and resulted in failure state: ${output}`);
    }
    worker.run = worker.last === passed ? worker.run + 1 : 1;
    worker.last = passed;
    const threshold = passed ? (worker.probe.successThreshold ?? 1) : (worker.probe.failureThreshold ?? 3);
    if (worker.run < threshold || worker.result === passed) return;
    worker.result = passed;
    this.#settle(worker, passed);
  }

  #settle(worker: Worker, passed: boolean): void {
    const { container } = this.#options;
    if (worker.kind === 'readiness') {
      this.#become({ ...this.#health, ready: passed });
    } else if (!passed) {
      this.#hold(worker);
      const graceSeconds = worker.probe.terminationGracePeriodSeconds;
      const message = `Container ${container.name} failed ${worker.kind} probe, will be restarted`;
      const kill = { message, ...(graceSeconds !== undefined && { graceSeconds }) };
      this.#become({ ...this.#health, kill });
    } else if (worker.kind === 'startup') {
      this.#become({ ...this.#health, started: true, ready: !container.readinessProbe || this.#health.ready });
      for (const other of this.#workers) if (other !== worker) this.#schedule(other, this.#delay(other));
    }
  }

  #become(health: Health): void {
    const before = this.#health;
    this.#health = health;
    const same = before.ready === health.ready && before.started === health.started && before.kill === health.kill;
    if (!same) this.#options.changed();
  }

  #tell(reason: string, message: string): void {
    this.#options.tell('Warning', reason, message);
  }
}
