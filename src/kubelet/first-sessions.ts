import { type Readable, Transform } from 'node:stream';
import type { LogOptions } from '../node/gateway.ts';
import { isForOneSession } from '../node/one-session.ts';
import { alive } from './pod-worker/observed.ts';
import type { PodWorker } from './pod-worker/worker.ts';

/** How far the users of one pod have got, by container id. */
interface Progress {
  /** How many bytes of its log have been read. */
  readonly read: Map<string, number>;
  /** Containers that have had a session. */
  readonly joined: Set<string>;
}

/**
 * What a container made for one session (`kubectl run -i`) says before the session comes belongs to that session, even
 * when the container has ended by then. Newer kubectls read the log first, as nobody else keeps that for them: what they
 * have read is not said twice.
 */
export class FirstSessions {
  readonly #progress = new WeakMap<PodWorker, Progress>();

  /** The container that its first session joins though it has ended; undefined when a session must find one running. */
  endedFor(worker: PodWorker, name: string): string | undefined {
    const instances = worker.world.instances.get(name) ?? [];
    const [latest] = instances;
    if (!latest || instances.some(alive) || !isForOneSession(worker.pod, name)) return undefined;
    return this.#of(worker).joined.has(latest.state.id) ? undefined : latest.state.id;
  }

  /** From which byte on a session gets what the container has said; undefined when it gets what comes. */
  replayFrom(worker: PodWorker, name: string, id: string): number | undefined {
    const { joined, read } = this.#of(worker);
    return isForOneSession(worker.pod, name) && !joined.has(id) ? (read.get(id) ?? 0) : undefined;
  }

  begun(worker: PodWorker, id: string): void {
    this.#of(worker).joined.add(id);
  }

  /** The log as it is, counted while it is read if a session to come is to go on where it ends. */
  counted(worker: PodWorker, name: string, id: string, options: LogOptions, log: Readable): Readable {
    const partial = Object.values(options).some((option) => option !== undefined && option !== false);
    if (partial || this.replayFrom(worker, name, id) === undefined) return log;
    const { read } = this.#of(worker);
    let bytes = 0;
    const counter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        read.set(id, Math.max(bytes, read.get(id) ?? 0));
        done(null, chunk);
      },
    });
    log.on('error', (error) => counter.destroy(error));
    counter.on('close', () => log.destroy());
    return log.pipe(counter);
  }

  #of(worker: PodWorker): Progress {
    let progress = this.#progress.get(worker);
    if (!progress) this.#progress.set(worker, (progress = { read: new Map(), joined: new Set() }));
    return progress;
  }
}
