import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import type { KubeObject } from '../api/object.ts';
import { type Status, StatusError, serviceUnavailable } from '../api/status.ts';
import type { Call, Transport, UserInfo, WatchEvent, WatchHandler } from './call.ts';
import { LineSplitter } from './line-splitter.ts';
import { wireRequest } from './request-path.ts';

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

  async call(call: Call, signal?: AbortSignal): Promise<KubeObject> {
    const response = await this.#send(call, signal);
    const body = parse(await readAll(response), response);
    if (isFailure(response, body)) throw StatusError.from(body as unknown as Status);
    if (call.verb === 'list') nameItems(body);
    return body;
  }

  async watch(call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void> {
    const response = await this.#send({ ...call, verb: 'watch' }, signal);
    if (response.statusCode !== 200)
      throw StatusError.from(parse(await readAll(response), response) as unknown as Status);
    const splitter = new LineSplitter();
    let ended = false;
    const end = (error?: Error) => {
      if (ended) return;
      ended = true;
      if (!signal.aborted) handler.end(error);
    };
    response.on('data', (chunk: Buffer) => {
      if (ended || signal.aborted) return;
      try {
        const events = splitter.push(chunk).map((line) => JSON.parse(line) as WatchEvent);
        if (events.length > 0) handler.events(events);
      } catch (error) {
        response.destroy();
        end(serviceUnavailable(`the watch sent what is not JSON: ${(error as Error).message}`));
      }
    });
    response.on('error', (error) => end(unreachable(error)));
    // Without a proper end the connection broke.
    response.on('close', () => end(response.complete ? undefined : serviceUnavailable('the watch broke off')));
  }

  #send(call: Call, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const { method, path, contentType, body } = wireRequest(call);
    return new Promise((resolve, reject) => {
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
  }

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

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw unreachable(error as Error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body as an object; what is not JSON (of a proxy in between, say) becomes a Status with its code. */
function parse(text: string, response: IncomingMessage): KubeObject {
  try {
    return JSON.parse(text);
  } catch {
    const code = response.statusCode ?? 500;
    const message = `the server answered ${code} with ${text.slice(0, 200) || 'nothing'}`;
    throw StatusError.from({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code });
  }
}

function isFailure(response: IncomingMessage, body: KubeObject): boolean {
  return (response.statusCode ?? 500) >= 400 || (body.kind === 'Status' && body['status'] === 'Failure');
}

/** Items of a list do not carry their type on the wire; everywhere else in krill objects know what they are. */
function nameItems(list: KubeObject): void {
  const kind = list.kind.replace(/List$/, '');
  for (const item of (list['items'] ?? []) as { apiVersion?: string; kind?: string }[]) {
    item.apiVersion ??= list.apiVersion;
    item.kind ??= kind;
  }
}

const unreachable = (error: Error): StatusError =>
  Object.assign(serviceUnavailable(`the API server cannot be reached: ${error.message}`), { cause: error });
