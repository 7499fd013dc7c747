import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { Call, UserInfo, WatchHandler } from '../../client/call.ts';
import type { WireRequest } from '../../client/request-path.ts';
import { callOver, failureOf, type Send, watchOver } from '../../client/wire-calls.ts';
import type { ForeignApi } from './foreign-api.ts';
import type { ForeignClient } from './foreign-client.ts';
import { userHeaders } from './user-headers.ts';

export interface ForeignTransportOptions {
  readonly client: ForeignClient;
  readonly clock: Clock;
}

/** Source: --request-timeout. */
const requestTimeout = 60_000;

/** Calls of this process to servers behind APIServices, as a user whom somebody else has found to be allowed. */
export class ForeignTransport {
  readonly #options: ForeignTransportOptions;

  constructor(options: ForeignTransportOptions) {
    this.#options = options;
  }

  /** Every verb but watch. Rejects with a StatusError, or with the reason of the signal. */
  async call(api: ForeignApi, user: UserInfo, call: Call, signal?: AbortSignal): Promise<KubeObject> {
    const limit = new AbortController();
    const timer = this.#options.clock.after(requestTimeout, () => limit.abort(failureOf(504, '', call)));
    const both = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
    try {
      return await callOver(this.#sender(api, user, call), call, both);
    } catch (error) {
      both.throwIfAborted();
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** Resolves once the watch stands. */
  watch(api: ForeignApi, user: UserInfo, call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void> {
    return watchOver(this.#sender(api, user, call), call, handler, signal);
  }

  /** To a client of this server a server that cannot be reached is one that is unavailable. */
  #sender(api: ForeignApi, user: UserInfo, call: Call): Send {
    return async (wire, signal) => {
      if (!api.available) throw failureOf(503, '', call);
      try {
        return await this.#send(api, user, wire, signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw error instanceof StatusError ? error : Object.assign(failureOf(503, '', call), { cause: error });
      }
    };
  }

  #send(api: ForeignApi, user: UserInfo, wire: WireRequest, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const { method, path, contentType, body } = wire;
    const headers = {
      accept: 'application/json',
      'user-agent': 'krill',
      ...(contentType && { 'content-type': contentType }),
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      ...userHeaders(user),
    };
    return this.#options.client.send(api, { method, path, headers, ...(signal && { signal }) }, body);
  }
}
