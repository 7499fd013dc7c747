import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { answerText } from '../../api/answer-text.ts';
import { parseJson } from '../../api/json.ts';
import { JsonError } from '../../api/json-parser.ts';
import type { Clock } from '../../base/clock.ts';
import { dialledAgent } from './dialled-agent.ts';
import { failureText } from './webhook-errors.ts';
import { bundlePem, type WebhookAddress, type WebhookTarget, webhookAddress } from './webhook-target.ts';

/** Opens a connection to a Service of the cluster. */
export type DialService = (
  service: { readonly namespace: string; readonly name: string; readonly port: number },
  signal: AbortSignal,
) => Promise<Duplex>;

export interface WebhookClientOptions {
  readonly clock: Clock;
  readonly dialService: DialService;
}

/** A webhook could not be asked, or gave no answer; the text is what upstream's client says. */
export class WebhookError extends Error {
  /** The HTTP status of an answer that is no success; 503 when there was none. */
  readonly code: number;
  /** Seconds after which the webhook wants to be asked again, if it said so. */
  readonly retryAfter: number | undefined;

  constructor(message: string, code = 503, retryAfter?: number) {
    super(message);
    this.name = 'WebhookError';
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Bytes an answer may have: a page of converted objects stays below. */
const maxAnswer = 128 * 1024 * 1024;
/** Times a webhook may say that it is to be asked later. */
const maxRetries = 10;
/** Kept connections are of so many servers at most. */
const maxAgents = 64;

/** Asks webhooks over HTTPS. Connections are kept; redirects are not followed. */
export class WebhookClient {
  readonly #options: WebhookClientOptions;
  readonly #agents = new Map<string, Agent>();

  constructor(options: WebhookClientOptions) {
    this.#options = options;
  }

  /**
   * Posts JSON and returns the answer's tree, private and mutable. Throws `WebhookError`, also once `gone` says that nobody
   * waits for the answer any more, and a Status for a target that is none.
   */
  async post(target: WebhookTarget, body: string, timeoutSeconds: number, gone?: AbortSignal): Promise<unknown> {
    const address = webhookAddress(target, timeoutSeconds);
    const agent = this.#agentOf(target, address);
    const limit = new AbortController();
    const timer = this.#options.clock.after(timeoutSeconds * 1000, () => limit.abort());
    // Many wait on one signal: listeners of it would be too many.
    const ended = gone ? AbortSignal.any([gone, limit.signal]) : limit.signal;
    try {
      return await this.#insist(() => this.#ask(agent, address, body, ended, true), ended);
    } catch (error) {
      if (error instanceof WebhookError) throw error;
      const late = gone?.aborted ? 'context canceled' : 'context deadline exceeded';
      const text = ended.aborted ? late : failureText(address, error);
      throw new WebhookError(`Post ${JSON.stringify(address.url)}: ${text}`);
    } finally {
      timer.cancel();
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  /** Asks again those who say when they can be. Source: client-go `rest/with_retry.go`. */
  async #insist(ask: () => Promise<unknown>, signal: AbortSignal): Promise<unknown> {
    for (let retries = 0; ; retries++) {
      try {
        return await ask();
      } catch (error) {
        const wait = error instanceof WebhookError && retries < maxRetries ? error.retryAfter : undefined;
        if (wait === undefined) throw error;
        await this.#options.clock.sleep(wait * 1000, signal);
      }
    }
  }

  async #ask(
    agent: Agent,
    address: WebhookAddress,
    body: string,
    signal: AbortSignal,
    again: boolean,
  ): Promise<unknown> {
    const sending = this.#send(agent, address, body, signal);
    try {
      return await sending.answer;
    } catch (error) {
      // A kept connection may have been closed by the other side just now.
      const stale = sending.reused() && (error as { code?: string }).code === 'ECONNRESET';
      if (!stale || !again || signal.aborted) throw error;
      return await this.#ask(agent, address, body, signal, false);
    }
  }

  #send(agent: Agent, { url }: WebhookAddress, body: string, signal: AbortSignal) {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: {
        accept: 'application/json, */*',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'kube-apiserver-admission',
      },
      signal,
    });
    const answer = new Promise<unknown>((resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', (response) => readAnswer(response).then(resolve, reject));
      sent.end(body);
    });
    return { answer, reused: () => sent.reusedSocket };
  }

  /** One agent for each server: its certificates and the way to it are the agent's. The last used comes last. */
  #agentOf({ caBundle }: WebhookTarget, address: WebhookAddress): Agent {
    const key = `${new URL(address.url).host} ${address.service !== undefined} ${caBundle ?? ''}`;
    const agent = this.#agents.get(key) ?? this.#newAgent(bundlePem(caBundle), address);
    this.#agents.delete(key);
    this.#agents.set(key, agent);
    if (this.#agents.size > maxAgents) this.#dropIdle();
    return agent;
  }

  /** Lets go of the connections to the server that was not asked for longest and is not being asked. */
  #dropIdle(): void {
    for (const [key, agent] of this.#agents) {
      if (Object.keys(agent.sockets).length > 0 || Object.keys(agent.requests).length > 0) continue;
      this.#agents.delete(key);
      agent.destroy();
      return;
    }
  }

  #newAgent(ca: string | undefined, { serverName, service }: WebhookAddress): Agent {
    const tls = { servername: /^[\d.:]+$/.test(serverName) ? '' : serverName, ...(ca && { ca }) };
    if (!service) return new Agent({ keepAlive: true, ...tls });
    const { dialService, clock } = this.#options;
    return dialledAgent(tls, clock, (_, signal) => dialService(service, signal));
  }
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswer) {
      response.destroy();
      throw new WebhookError(`the answer is larger than ${maxAnswer} bytes`);
    }
    chunks.push(chunk);
  }
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const code = response.statusCode ?? 0;
  if (code < 200 || code > 206)
    throw new WebhookError(answerText(code, bytes.toString('utf8')), code, retryAfter(response));
  try {
    return parseJson(bytes).value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new WebhookError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** Whole seconds, from those that have too much to do or are not well. */
function retryAfter({ statusCode = 0, headers }: IncomingMessage): number | undefined {
  if (statusCode !== 429 && statusCode < 500) return undefined;
  const text = headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
