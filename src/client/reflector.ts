import { setImmediate } from 'node:timers/promises';
import type { GroupVersionResource, KubeObject } from '../api/object.ts';
import { type Status, StatusError } from '../api/status.ts';
import { type BackoffPolicy, backoffDelay } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { CallOptions, ObjectList, Transport, WatchEvent } from './call.ts';

/** What to list and watch. */
export interface Selection {
  readonly resource: GroupVersionResource;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Where a reflector mirrors to. Nothing here may throw or block. */
export interface Mirror {
  /** A list begins: what is not on one of its pages is gone at its end. A list that failed half-way begins again. */
  begin(): void;
  /** Some of the list's objects, in order. Others get their turn between pages. */
  page(items: readonly KubeObject[]): void;
  /** The list is complete and shows this revision. */
  end(revision: number): void;
  /** Changes in order. Bookmarks and errors are not passed on. */
  apply(events: readonly WatchEvent[]): void;
  /** Everything up to this revision has been passed on. */
  progress(revision: number): void;
  /** A list failed and will be tried again. */
  failed?(error: unknown): void;
}

export interface ReflectorEnvironment {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Delays after failed lists and watches. */
  readonly backoff?: BackoffPolicy;
  /** Items per list page. */
  readonly pageSize?: number;
}

const defaultBackoff: BackoffPolicy = { initial: 50, max: 10_000, factor: 2, jitter: 0.5 };

/** A watch that lasted this long counts as healthy again. */
const healthyAfter = 10_000;

/** How a watch came to its end. */
type WatchEnd = 'expired' | 'ended' | 'failed';

/** Lists and then watches one selection for ever: resumes broken watches, lists anew after 410, backs off on failures. */
export class Reflector {
  readonly #transport: Transport;
  readonly #selection: Selection;
  readonly #mirror: Mirror;
  readonly #env: ReflectorEnvironment;
  #revision = '';
  #failures = 0;

  constructor(transport: Transport, selection: Selection, mirror: Mirror, env: ReflectorEnvironment) {
    this.#transport = transport;
    this.#selection = selection;
    this.#mirror = mirror;
    this.#env = env;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#revision === '') await this.#list(signal);
        const end = await this.#watch(signal);
        if (end === 'expired') this.#revision = '';
        if (end === 'failed') await this.#pause(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#env.log.debug('list failed', { resource: this.#selection.resource.resource, error });
        this.#mirror.failed?.(error);
        await this.#pause(signal).catch(() => undefined);
      }
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    this.#failures++;
    const { clock, ids, backoff = defaultBackoff } = this.#env;
    await clock.sleep(backoffDelay(backoff, this.#failures, ids), signal);
  }

  #options(extra: CallOptions): CallOptions {
    const { labelSelector, fieldSelector } = this.#selection;
    return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }), ...extra };
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { resource, namespace } = this.#selection;
    this.#mirror.begin();
    let token: string | undefined;
    let revision = '';
    do {
      const options = this.#options({ limit: this.#env.pageSize ?? 500, ...(token && { continue: token }) });
      const call = { verb: 'list' as const, resource, ...(namespace && { namespace }), options };
      const page = (await this.#transport.call(call, signal)) as unknown as ObjectList;
      signal.throwIfAborted();
      this.#mirror.page(page.items);
      token = page.metadata.continue;
      // In-process pages come without a turn of the event loop in between: let others have one.
      if (token) await setImmediate();
      revision = page.metadata.resourceVersion ?? '0';
    } while (token);
    signal.throwIfAborted();
    this.#revision = revision;
    this.#mirror.end(Number(revision));
  }

  /** Watches from the last revision until the watch ends. */
  async #watch(signal: AbortSignal): Promise<WatchEnd> {
    const { clock, ids, log } = this.#env;
    if (signal.aborted) return 'ended';
    const started = clock.steady();
    const stop = new AbortController();
    const abort = () => stop.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const { promise: over, resolve } = Promise.withResolvers<WatchEnd>();
    stop.signal.addEventListener('abort', () => resolve('ended'), { once: true });
    try {
      const { resource, namespace } = this.#selection;
      const options = this.#options({
        resourceVersion: this.#revision,
        allowWatchBookmarks: true,
        // Between 5 and 10 minutes, so that many watches do not come back at once.
        timeoutSeconds: Math.floor(300 * (1 + ids.random())),
      });
      const handler = {
        events: (events: readonly WatchEvent[]) => {
          const failure = this.#take(events);
          if (failure) resolve(failure);
        },
        end: (error?: Error) => resolve(error ? classify(error) : 'ended'),
      };
      await this.#transport.watch(
        { verb: 'watch', resource, ...(namespace && { namespace }), options },
        handler,
        stop.signal,
      );
      const end = await over;
      // A server that ends watches at once must not be asked in a tight loop.
      if (clock.steady() - started > healthyAfter) this.#failures = 0;
      else if (end === 'ended' && !signal.aborted) return 'failed';
      return end;
    } catch (error) {
      if (signal.aborted) return 'ended';
      log.debug('watch failed', { resource: this.#selection.resource.resource, error });
      return classify(error);
    } finally {
      signal.removeEventListener('abort', abort);
      stop.abort();
    }
  }

  /** Passes changes on; returns how the watch failed if an ERROR event says so. */
  #take(events: readonly WatchEvent[]): WatchEnd | undefined {
    let failure: WatchEnd | undefined;
    let special = false;
    let last = this.#revision;
    for (const event of events) {
      if (event.type === 'ERROR') {
        special = true;
        failure = classify(StatusError.from(event.object as unknown as Status));
        break;
      }
      if (event.type === 'BOOKMARK') special = true;
      last = event.object.metadata.resourceVersion ?? last;
    }
    const changes = special ? events.filter((e) => e.type !== 'BOOKMARK' && e.type !== 'ERROR') : events;
    if (changes.length > 0) this.#mirror.apply(changes);
    if (last !== this.#revision) {
      this.#revision = last;
      this.#mirror.progress(Number(last));
    }
    return failure;
  }
}

function classify(error: unknown): WatchEnd {
  return error instanceof StatusError && error.code === 410 ? 'expired' : 'failed';
}
