import { pods } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import { type BackoffPolicy, backoffDelay } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { Client } from '../client/client.ts';
import { statusPatch } from './pod-worker/status.ts';
import type { Pod, PodStatus } from './types.ts';

/** A pod whose status is to be kept; `pod` is its newest known version. */
export interface Reporting {
  readonly uid: string;
  readonly pod: Pod;
  /** What it should say now. */
  readonly status: PodStatus;
  readonly env: { readonly client: Client };
}

interface Entry {
  readonly of: Reporting;
  /** Counts reports: a write that finds another number afterwards looks again. */
  reports: number;
  /** The status the server answered our last write with, and its revision: the informer may lag behind. */
  answered: { readonly revision: number; readonly status: PodStatus | undefined } | undefined;
  /** A patch the server took without doing what it says. Sending it again would never end. */
  futile: string;
  failures: number;
  writing: Promise<void> | undefined;
}

const retry: BackoffPolicy = { initial: 100, max: 10_000, factor: 2, jitter: 0.2 };

/**
 * Writes pod statuses: only what changed, only when it changed, one write at a time per pod. What is reported within
 * one turn of the event loop becomes one write.
 */
export class StatusWriter {
  readonly #entries = new Map<string, Entry>();
  readonly #dirty = new Set<Entry>();
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #scope: Scope;
  readonly #log: Logger;
  #scheduled = false;

  constructor(options: { clock: Clock; ids: Ids; scope: Scope; log: Logger }) {
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#scope = options.scope;
    this.#log = options.log;
  }

  report(of: Reporting): void {
    let entry = this.#entries.get(of.uid);
    if (!entry) {
      entry = { of, reports: 0, answered: undefined, futile: '', failures: 0, writing: undefined };
      this.#entries.set(of.uid, entry);
    }
    entry.reports++;
    this.#dirty.add(entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  /** Resolves when the newest status is written or the pod is gone. */
  async reported(of: Reporting): Promise<void> {
    const entry = this.#entries.get(of.uid);
    if (!entry) return;
    this.#flush();
    while (entry.writing) await entry.writing;
  }

  forget(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry) this.#dirty.delete(entry);
    this.#entries.delete(uid);
  }

  #flush(): void {
    this.#scheduled = false;
    for (const entry of this.#dirty) {
      this.#dirty.delete(entry);
      if (!entry.writing) this.#start(entry);
    }
  }

  #start(entry: Entry): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    entry.writing = promise;
    this.#scope.spawn('write a pod status', async (signal) => {
      try {
        while (!signal.aborted && (await this.#write(entry, signal)));
      } finally {
        entry.writing = undefined;
        resolve();
      }
    });
    if (this.#scope.signal.aborted) {
      entry.writing = undefined;
      resolve();
    }
  }

  /** One write; resolves with whether to look again. */
  async #write(entry: Entry, signal: AbortSignal): Promise<boolean> {
    const { pod, env } = entry.of;
    const { reports } = entry;
    const wanted = entry.of.status;
    const patch = statusPatch(currentStatus(entry), wanted);
    if (!patch) return false;
    if (entry.futile && JSON.stringify(patch) === entry.futile) return false;
    const { namespace = '', name = '', uid } = pod.metadata;
    const body = { metadata: { uid }, status: patch };
    try {
      const options = { subresource: 'status', signal };
      const answer = await env.client.resource(pods).patch({ namespace, name }, { type: 'strategic', body }, options);
      entry.answered = { revision: Number(answer.metadata.resourceVersion), status: answer.status };
      entry.failures = 0;
      const left = statusPatch(answer.status, wanted);
      entry.futile = left ? JSON.stringify(left) : '';
      if (left) this.#log.debug('the server changed a pod status', { pod: `${namespace}/${name}`, left: entry.futile });
      return entry.reports !== reports;
    } catch (error) {
      if (signal.aborted || isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return false;
      entry.failures++;
      this.#log.warn('pod status not written', { pod: `${namespace}/${name}`, error });
      await this.#clock.sleep(backoffDelay(retry, entry.failures, this.#ids), signal);
      return true;
    }
  }
}

/** The newest status known: the informer's, or what the last write was answered with. */
function currentStatus({ of, answered }: Entry): PodStatus | undefined {
  const seen = Number(of.pod.metadata.resourceVersion ?? 0);
  return answered && answered.revision > seen ? answered.status : of.pod.status;
}
