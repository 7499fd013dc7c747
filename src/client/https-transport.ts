import type { OutgoingHttpHeaders } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import type { KubeObject } from '../api/object.ts';
import type { Call, Transport, UserInfo, WatchHandler } from './call.ts';
import { callOver, type Send, unreachable, watchOver } from './wire-calls.ts';

/** Where an API server is and who asks: a client certificate, a token, or both. */
export interface HttpsOptions {
  /** "https://host:port" */
  readonly server: string;
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  /** A bearer token, or how to get the current one. */
  readonly token?: string | (() => string);
  readonly userAgent?: string;
}

/** The client's calls over HTTPS with JSON. What it returns is its caller's own; nothing is shared or frozen. */
export class HttpsTransport implements Transport {
  readonly #options: HttpsOptions;
  readonly #agent: Agent;
  readonly #user: UserInfo | undefined;

  constructor(options: HttpsOptions, agent?: Agent, user?: UserInfo) {
    this.#options = options;
    this.#agent = agent ?? new Agent(tlsOptions(options));
    this.#user = user;
  }

  /** The same connections, with impersonation headers: the caller needs the right to impersonate. */
  as(user: UserInfo): Transport {
    return new HttpsTransport(this.#options, this.#agent, user);
  }

  /** Ends all connections, of this transport and of those made from it by `as`. */
  close(): void {
    this.#agent.destroy();
  }

  call(call: Call, signal?: AbortSignal): Promise<KubeObject> {
    return callOver(this.#send, call, signal);
  }

  watch(call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void> {
    return watchOver(this.#send, call, handler, signal);
  }

  readonly #send: Send = ({ method, path, contentType, body }, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const url = new URL(path, this.#options.server);
      const headers = {
        ...this.#headers(),
        ...(contentType && { 'content-type': contentType }),
        'content-length': Buffer.byteLength(body ?? ''),
      };
      const sent = request(url, { method, agent: this.#agent, headers, ...(signal && { signal }) });
      sent.on('response', resolve);
      sent.on('error', (error) => reject(signal?.aborted ? signal.reason : unreachable(error)));
      sent.end(body);
    });

  #headers(): OutgoingHttpHeaders {
    const { token, userAgent = 'krill' } = this.#options;
    const bearer = typeof token === 'function' ? token() : token;
    return {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(this.#user && impersonation(this.#user)),
    };
  }
}

function tlsOptions({ caPem, certPem, keyPem }: HttpsOptions): AgentOptions {
  return {
    keepAlive: true,
    maxCachedSessions: 100,
    scheduling: 'lifo',
    ca: caPem,
    ...(certPem && { cert: certPem }),
    ...(keyPem && { key: keyPem }),
  };
}

function impersonation({ name, uid, groups, extra = {} }: UserInfo): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { 'impersonate-user': name, 'impersonate-group': [...groups] };
  if (uid) headers['impersonate-uid'] = uid;
  for (const [key, values] of Object.entries(extra)) {
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = [...values];
  }
  return headers;
}
