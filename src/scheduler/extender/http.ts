import { readFileSync } from 'node:fs';
import { Agent, request as overHttp } from 'node:http';
import { type AgentOptions, request as overHttps, Agent as SecureAgent } from 'node:https';
import { parseDuration } from '../../api/duration.ts';
import type { Clock } from '../../base/clock.ts';
import type { ExtenderConfig, ExtenderTlsConfig } from '../config/types.ts';

/** How long an answer may take unless configured, milliseconds. */
const defaultTimeout = 5000;
/** No sensible answer is larger, bytes. */
const maxAnswer = 64 * 1024 * 1024;

/** Asks one verb of an extender. Throws an error with the text users read. */
export type AskExtender = (verb: string, args: object, signal: AbortSignal) => Promise<unknown>;

/** Prepares to ask an extender over HTTP. Throws when a file of its tlsConfig cannot be read. */
export function extenderHttp(config: ExtenderConfig, clock: Clock): AskExtender {
  const prefix = config.urlPrefix.replace(/\/+$/, '');
  const timeout = parseDuration(config.httpTimeout ?? '0') / 1e6 || defaultTimeout;
  const secure = prefix.startsWith('https:');
  const agent = secure ? new SecureAgent({ keepAlive: true, ...tlsOptions(config) }) : new Agent({ keepAlive: true });
  return async (verb, args, signal) => {
    const url = `${prefix}/${verb}`;
    const late = new AbortController();
    const timer = clock.after(timeout, () => late.abort(new Error('no answer within httpTimeout')));
    try {
      const { status, body } = await post(url, secure ? overHttps : overHttp, agent, JSON.stringify(args), [
        signal,
        late.signal,
      ]);
      if (status !== 200) throw new Error(`failed ${verb} with extender at URL ${url}, code ${status}`);
      return JSON.parse(body) as unknown;
    } finally {
      timer.cancel();
    }
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function post(
  url: string,
  send: typeof overHttp,
  agent: Agent,
  body: string,
  signals: readonly AbortSignal[],
): Promise<Answer> {
  const signal = AbortSignal.any([...signals]);
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`Post ${JSON.stringify(url)}: ${reasonOf(error, signal)}`));
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = send(url, { method: 'POST', agent, headers, signal }, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > maxAnswer) response.destroy(new Error('the answer is too large'));
        else parts.push(part);
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
      );
    });
    request.on('error', fail);
    request.end(body);
  });
}

const reasonOf = (error: Error, signal: AbortSignal) =>
  signal.aborted && signal.reason instanceof Error ? signal.reason.message : error.message;

/** Without a CA of its own the server is not verified, as upstream does. Throws when a file cannot be read. */
export function tlsOptions({ enableHTTPS, tlsConfig = {} }: ExtenderConfig): AgentOptions {
  const ca = pem(tlsConfig, 'ca');
  const cert = pem(tlsConfig, 'cert');
  const key = pem(tlsConfig, 'key');
  if (tlsConfig.insecure && ca) {
    throw new Error('specifying a root certificates file with the insecure flag is not allowed');
  }
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(tlsConfig.serverName && { servername: tlsConfig.serverName }),
    rejectUnauthorized: !tlsConfig.insecure && !(enableHTTPS && !ca),
  };
}

/** PEM text given in the configuration, or in a file it names. */
function pem(config: ExtenderTlsConfig, what: 'ca' | 'cert' | 'key'): string | undefined {
  const data = config[`${what}Data`];
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  const file = config[`${what}File`];
  return file ? readFileSync(file, 'utf8') : undefined;
}
