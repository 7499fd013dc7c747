import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import Dockerode from 'dockerode';
import { describeEndpoint, type Endpoint } from './endpoint.ts';
import { connectionProblem, EngineError, EngineUnavailable } from './errors.ts';

/** One request to the engine. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** A tar archive to upload. */
  readonly file?: Readable | Buffer;
  readonly registryAuth?: object;
  readonly signal?: AbortSignal | undefined;
}

/** The options docker-modem takes; its own types leave them open. */
interface DialOptions {
  path: string;
  method: string;
  statusCodes: Record<number, boolean | string>;
  options?: object;
  file?: Readable | Buffer;
  authconfig?: object;
  abortSignal?: AbortSignal;
  isStream?: boolean;
  hijack?: boolean;
  openStdin?: boolean;
  allowEmpty?: boolean;
}

interface Modem {
  version?: string;
  dial(options: DialOptions, done: (error: ModemError | null, result: unknown) => void): void;
}

interface ModemError extends Error {
  statusCode?: number;
  json?: unknown;
}

/** What the modem puts before the engine's own words. */
const modemPrefix = /^\(HTTP code \d+\) [^-]* - /;

const accepted = { 200: true, 201: true, 202: true, 204: true };

/**
 * Requests to one engine over kept-alive sockets. dockerode's modem carries them (unix sockets, pipes, TCP, TLS and
 * hijacked connections); this class gives them types, abort signals and one kind of error.
 */
export class EngineConnection {
  readonly endpoint: Endpoint;
  readonly #modem: Modem;
  readonly #agent: HttpAgent;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    const tls = endpoint.type === 'tcp' ? endpoint.tls : undefined;
    const keep = { keepAlive: true, maxFreeSockets: 32 };
    this.#agent = tls ? new HttpsAgent({ ...keep, ...tls }) : new HttpAgent(keep);
    const where =
      endpoint.type === 'socket'
        ? { socketPath: endpoint.path, host: undefined, protocol: 'http' as const }
        : { host: endpoint.host, port: endpoint.port, protocol: tls ? ('https' as const) : ('http' as const), ...tls };
    this.#modem = new Dockerode(Object.assign(where, { agent: this.#agent })).modem as Modem;
  }

  /** Prefixes all further requests with an API version, e.g. "1.41". */
  useVersion(version: string): void {
    this.#modem.version = `v${version}`;
  }

  /** A request whose answer is JSON, or nothing. */
  json<T>(request: EngineRequest): Promise<T> {
    return this.#dial<T>(request, {});
  }

  /** A request whose answer is a stream. */
  stream(request: EngineRequest): Promise<IncomingMessage> {
    return this.#dial<IncomingMessage>(request, { isStream: true });
  }

  /** A request that turns the connection into a raw two-way stream. */
  hijack(request: EngineRequest): Promise<Duplex> {
    // The modem sends the head with the first bytes of a body: one without (attach) would wait for them for ever.
    return this.#dial<Duplex>(request, { isStream: true, hijack: true, openStdin: true, allowEmpty: true });
  }

  /** Closes idle sockets. */
  close(): void {
    this.#agent.destroy();
  }

  #dial<T>(request: EngineRequest, shape: Partial<DialOptions>): Promise<T> {
    const { method, path, query = {}, body = {}, signal, file, registryAuth } = request;
    signal?.throwIfAborted();
    return new Promise<T>((resolve, reject) => {
      const options: DialOptions = {
        ...shape,
        // The modem appends the query to a path that ends in "?".
        path: `${path}?`,
        method,
        statusCodes: accepted,
        options: { _query: query, _body: body },
        ...(file && { file }),
        ...(registryAuth && { authconfig: registryAuth }),
        ...(signal && { abortSignal: signal }),
      };
      this.#modem.dial(options, (error, result) => {
        if (!error) return resolve(result as T);
        if (signal?.aborted) return reject(signal.reason);
        reject(this.#translate(error));
      });
    });
  }

  #translate(error: ModemError): Error {
    if (error.statusCode !== undefined) {
      const said = (error.json as { message?: unknown } | null | undefined)?.message;
      const words = typeof said === 'string' ? said : error.message.replace(modemPrefix, '').trim();
      return new EngineError(error.statusCode, words, error);
    }
    const problem = connectionProblem(error);
    const where = describeEndpoint(this.endpoint);
    if (problem) return new EngineUnavailable(`no container engine answers at ${where}: ${problem}`, error);
    return new EngineUnavailable(`the container engine at ${where} broke off: ${error.message}`, error);
  }
}
