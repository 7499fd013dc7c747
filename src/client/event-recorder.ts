import { events } from '../api/kinds.gen.ts';
import type { AnyKind } from '../api/object.ts';
import { isStatus } from '../api/status.ts';
import type { Event, ObjectReference } from '../api/types/core-v1.gen.ts';
import { type Clock, timestamp } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from './client.ts';
import { EventCorrelator } from './event-correlator.ts';

export type EventType = 'Normal' | 'Warning';

/** Tells users what happened to an object. Never blocks and never fails. */
export interface EventRecorder {
  event(about: AnyKind | ObjectReference, type: EventType, reason: string, message: string): void;
}

/** More events than this waiting to be written are dropped, as client-go does. */
const queueLimit = 1000;

interface Pending {
  readonly create: boolean;
  readonly event: Event;
}

/**
 * Writes core/v1 Events for one component, lazily. Events about one thing are written in order; a count that is
 * overtaken by a newer one is not written.
 */
export class ApiEventRecorder implements EventRecorder {
  readonly #client: Client;
  readonly #component: string;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #correlator = new EventCorrelator();
  readonly #pending = new Map<string, Pending>();
  readonly #writing = new Map<string, Promise<void>>();
  /** Of all recorders of the process: two components may speak of namesakes in the same millisecond. */
  static #names = 0;

  /** `client` writes as the component's identity; `host` is the node name for kubelets. */
  constructor(options: { client: Client; component: string; host?: string; clock: Clock; log: Logger }) {
    this.#client = options.client;
    this.#component = options.component;
    this.#host = options.host ?? '';
    this.#clock = options.clock;
    this.#log = options.log;
  }

  event(about: AnyKind | ObjectReference, type: EventType, reason: string, message: string): void {
    const now = this.#clock.wall();
    const result = this.#correlator.correlate(this.#make(referenceTo(about), type, reason, message, now), now);
    if (result.action === 'drop') return;
    const id = `${result.event.metadata.namespace}/${result.event.metadata.name}`;
    const waiting = this.#pending.get(id);
    if (!waiting && this.#pending.size >= queueLimit) {
      this.#log.warn('event dropped, too many wait', { reason });
      return;
    }
    this.#pending.set(id, { create: result.action === 'create' || waiting?.create === true, event: result.event });
    if (!this.#writing.has(id)) this.#write(id);
  }

  /** Resolves when everything recorded so far is written or given up. */
  async flush(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  #make(involved: ObjectReference, type: EventType, reason: string, message: string, now: number): Event {
    const stamp = timestamp(now);
    // Upstream names an event by its object and the time in nanoseconds; a counter stands in for what the clock lacks.
    const nanos = BigInt(Math.floor(now)) * 1_000_000n + BigInt(ApiEventRecorder.#names++ % 1_000_000);
    return {
      metadata: { name: `${involved.name}.${nanos.toString(16)}`, namespace: involved.namespace || 'default' },
      involvedObject: involved,
      reason,
      message: message.length > 1024 ? message.slice(0, 1024) : message,
      source: { component: this.#component, ...(this.#host && { host: this.#host }) },
      firstTimestamp: stamp,
      lastTimestamp: stamp,
      count: 1,
      type,
      reportingComponent: this.#component,
      reportingInstance: this.#host,
    };
  }

  #write(id: string): void {
    const writing = (async () => {
      for (let next = this.#pending.get(id); next; next = this.#pending.get(id)) {
        this.#pending.delete(id);
        try {
          await this.#send(next);
        } catch (error) {
          // A namespace that is going takes no new events; nobody misses them.
          if (!isStatus(error, 'Forbidden')) this.#log.debug('event not written', { event: id, error });
        }
      }
      this.#writing.delete(id);
    })();
    this.#writing.set(id, writing);
  }

  async #send({ create, event }: Pending): Promise<void> {
    const client = this.#client.resource(events);
    if (create) {
      await client.create(event, { lazy: true });
      return;
    }
    const { namespace, name } = event.metadata;
    const { count, lastTimestamp, message } = event;
    try {
      await client.mergePatch(
        { namespace: namespace!, name: name! },
        { count, lastTimestamp, message },
        { lazy: true },
      );
    } catch (error) {
      // The event has expired meanwhile: begin it anew with its count.
      if (!isStatus(error, 'NotFound')) throw error;
      await client.create(event, { lazy: true });
    }
  }
}

/** How an object is referred to by an event about it. References pass through. */
export function referenceTo(about: AnyKind | ObjectReference): ObjectReference {
  if (!('metadata' in about)) return about as ObjectReference;
  const { apiVersion, kind, metadata } = about;
  const { namespace, name, uid, resourceVersion } = metadata ?? {};
  return {
    ...(kind && { kind }),
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(uid && { uid }),
    ...(apiVersion && { apiVersion }),
    ...(resourceVersion && { resourceVersion }),
  };
}
