import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type Agent, type AgentOptions, type RequestOptions, request } from 'node:https';
import type { Clock } from '../../base/clock.ts';
import type { Dialer } from '../../node/gateway.ts';
import { dialledAgent } from '../webhook/dialled-agent.ts';
import { failureText } from '../webhook/webhook-errors.ts';
import { bundlePem } from '../webhook/webhook-target.ts';
import { type ForeignApi, sameServer } from './foreign-api.ts';
import { dialAddress, hostPort, type ServiceAddress } from './service-address.ts';

/** The certificate by which this server is known to others as the one that names the user, and its key; PEM. */
export interface ProxyCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface ForeignClientOptions {
  readonly clock: Clock;
  readonly nodes: () => Dialer;
  /** One of a Service's addresses. Throws a Status. */
  readonly resolve: (api: ForeignApi) => ServiceAddress;
  /** Without it other servers cannot tell this one from a stranger. */
  readonly certificate: ProxyCertificate | undefined;
}

export interface ForeignRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
  /** One of the Service's addresses; any of them unless given. */
  readonly address?: ServiceAddress;
  /** Asks whatever certificate the server has. */
  readonly trusting?: boolean;
}

/** An answer that was read to its end. */
export interface ForeignAnswer {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What a connection is made with; the agent hands it through. */
interface Dialled extends RequestOptions {
  readonly address: ServiceAddress;
}

/** Bytes an answer may have that is read whole: an OpenAPI document of a large server has a tenth. */
const maxAnswer = 64 * 1024 * 1024;

/** Connections to the servers behind APIServices; kept, and told apart by how a server is reached and trusted. */
export class ForeignClient {
  readonly #options: ForeignClientOptions;
  readonly #agents = new Map<string, { readonly api: ForeignApi; readonly agent: Agent }>();
  /** What ends the questions under way. */
  readonly #asking = new Set<AbortController>();

  constructor(options: ForeignClientOptions) {
    this.#options = options;
  }

  /** One of the addresses of an API's Service. Throws the Status of a Service without one. */
  resolve(api: ForeignApi): ServiceAddress {
    return this.#options.resolve(api);
  }

  /** Begins a request; it is the caller's to end. Throws the Status of a Service without an address. */
  request(
    api: ForeignApi,
    asked: ForeignRequest,
  ): { readonly outgoing: ClientRequest; readonly address: ServiceAddress } {
    const { method, path, headers, signal, trusting = false, address = this.resolve(api) } = asked;
    const options: Dialled = {
      host: address.host,
      port: address.port,
      address,
      agent: this.#agentOf(trusting ? trusted(api) : api),
      method,
      path,
      headers: { host: hostPort(address), ...headers },
      setHost: false,
      ...(signal && { signal }),
    };
    return { outgoing: request(options), address };
  }

  /** Sends a request; resolves with the head of its answer. Rejects with what the connection says, and as `request` throws. */
  async send(api: ForeignApi, asked: ForeignRequest, body?: string): Promise<IncomingMessage> {
    for (;;) {
      const { outgoing } = this.request(api, asked);
      try {
        return await new Promise<IncomingMessage>((resolve, reject) => {
          outgoing.on('error', reject);
          outgoing.on('response', resolve);
          outgoing.end(body);
        });
      } catch (error) {
        if (asked.method !== 'GET' || !isStale(outgoing, error)) throw error;
      }
    }
  }

  /**
   * Asks without a body and reads the answer whole. Rejects with what the connection or the clock says, and as `request`
   * throws.
   */
  async ask(api: ForeignApi, asked: Omit<ForeignRequest, 'method' | 'signal'>, ms: number): Promise<ForeignAnswer> {
    const limit = new AbortController();
    const timer = this.#options.clock.after(ms, () => limit.abort());
    this.#asking.add(limit);
    try {
      return await whole(await this.send(api, { ...asked, method: 'GET', signal: limit.signal }));
    } catch (error) {
      if (limit.signal.aborted)
        throw new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
      throw error;
    } finally {
      timer.cancel();
      this.#asking.delete(limit);
    }
  }

  /** An API is gone: its connections end with what is under way on them. */
  forget({ name }: ForeignApi): void {
    for (const key of [name, trustingName(name)]) {
      const known = this.#agents.get(key);
      if (known) retire(known.agent);
      this.#agents.delete(key);
    }
  }

  /** Ends what is under way, too. */
  close(): void {
    for (const limit of this.#asking) limit.abort();
    for (const { agent } of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #agentOf(api: ForeignApi): Agent {
    const known = this.#agents.get(api.name);
    if (known && sameServer(known.api, api)) return known.agent;
    if (known) retire(known.agent);
    const agent = this.#newAgent(api);
    this.#agents.set(api.name, { api, agent });
    return agent;
  }

  #newAgent({ service, caBundle, insecureSkipTLSVerify }: ForeignApi): Agent {
    const { clock, nodes, certificate } = this.#options;
    const ca = bundlePem(caBundle);
    const tls: AgentOptions = {
      servername: `${service.name}.${service.namespace}.svc`,
      ...(ca && { ca }),
      ...(insecureSkipTLSVerify && { rejectUnauthorized: false }),
      ...(certificate && { cert: certificate.certPem, key: certificate.keyPem }),
    };
    return dialledAgent(tls, clock, (options, signal) => dialAddress((options as Dialled).address, nodes, signal));
  }
}

const trustingName = (name: string) => `${name} trusting`;

/** The same server, whatever its certificate. */
const trusted = (api: ForeignApi): ForeignApi => ({
  ...api,
  name: trustingName(api.name),
  caBundle: undefined,
  insecureSkipTLSVerify: true,
});

/** Connections at rest are closed, others when what is under way on them is over. */
function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

/**
 * Whether a kept connection was closed by the other side just now. What does no harm twice may be sent again: each attempt uses
 * up such a connection, so that there are so many at most.
 */
export const isStale = (outgoing: ClientRequest, error: unknown): boolean =>
  outgoing.reusedSocket && (error as { code?: string }).code === 'ECONNRESET';

async function whole(incoming: IncomingMessage): Promise<ForeignAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswer) {
      incoming.destroy();
      throw new Error(`the answer is larger than ${maxAnswer} bytes`);
    }
    chunks.push(chunk);
  }
  return { code: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) };
}

/** Why a server could not be asked, in the words of upstream's client. */
export const unreachableText = ({ service }: ForeignApi, address: ServiceAddress, error: unknown): string =>
  failureText(
    {
      url: `https://${hostPort(address)}/`,
      serverName: `${service.name}.${service.namespace}.svc`,
      service: undefined,
    },
    error,
  );
