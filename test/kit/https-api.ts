import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import type { ApiServerOptions } from '../../src/apiserver/server.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { createAuthority, issueClient, issueServing, lifetime } from '../../src/pki/certificates.ts';
import { generateKey, privateKeyPem } from '../../src/pki/keys.ts';
import { apiServer, type TestApi } from './api-server.ts';

/** A client certificate and its key, PEM. */
export interface ClientPem {
  readonly cert: string;
  readonly key: string;
}

export interface HttpAnswer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
  /** The body as JSON. */
  readonly json: Record<string, never> & { readonly message: string; readonly reason: string; readonly code: number };
}

export interface HttpAsk {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** The administrator's certificate unless given; null for none. */
  readonly as?: ClientPem | null;
}

function answerOf(code: number, headers: IncomingHttpHeaders, chunks: readonly Buffer[]): HttpAnswer {
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString();
  return {
    code,
    headers,
    text,
    bytes,
    get json() {
      return JSON.parse(text);
    },
  };
}

/** An API server on a loopback port with certificates of its own. */
export interface HttpsApi extends AsyncDisposable {
  readonly api: TestApi;
  readonly port: number;
  readonly ca: string;
  readonly admin: ClientPem;
  ask(path: string, ask?: HttpAsk): Promise<HttpAnswer>;
  /** The administrator's request over a connection of its own with HTTP/2. */
  ask2(path: string, ask?: Omit<HttpAsk, 'as'>): Promise<HttpAnswer>;
  /** POSTs JSON. */
  post(path: string, body: unknown, ask?: HttpAsk): Promise<HttpAnswer>;
  client(commonName: string, ...organizations: string[]): Promise<ClientPem>;
}

export async function httpsApi(options: Partial<ApiServerOptions> = {}): Promise<HttpsApi> {
  const ids = new SystemIds();
  const valid = lifetime(new SystemClock().wall(), 1);
  const authority = await createAuthority('test-ca', generateKey(), valid, ids);
  const servingKey = generateKey();
  const names = { commonName: 'kube-apiserver', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const serving = await issueServing(authority, names, servingKey, valid, ids);
  const client = async (commonName: string, ...organizations: string[]): Promise<ClientPem> => {
    const key = generateKey();
    return {
      cert: await issueClient(authority, { commonName, organizations }, key, valid, ids),
      key: privateKeyPem(key),
    };
  };
  const api = await apiServer({ server: options });
  const admin = await client('admin', 'system:masters');
  const ca = authority.certificatePem;
  const tls = { cert: serving, key: privateKeyPem(servingKey), clientCa: ca };
  const { port } = await api.server.listen({ host: '127.0.0.1', port: 0, tls });
  const agents = new Map<ClientPem | null, Agent>();
  const agentOf = (as: ClientPem | null) => {
    let agent = agents.get(as);
    if (!agent) agents.set(as, (agent = new Agent({ ca, keepAlive: true, ...(as ?? {}) })));
    return agent;
  };
  const ask = (path: string, { method = 'GET', headers = {}, body, as = admin }: HttpAsk = {}) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      // Node frames the body of a DELETE only when told its length.
      const framed = body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
      const request = httpsRequest(
        { host: '127.0.0.1', port, path, method, headers: framed, agent: agentOf(as) },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, chunks)));
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  const ask2: HttpsApi['ask2'] = async (path, { method = 'GET', headers = {}, body } = {}) => {
    const session = connect(`https://127.0.0.1:${port}`, { ca, ...admin });
    try {
      const stream = session.request({ ':path': path, ':method': method, ...headers });
      stream.end(body);
      const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
      return answerOf(answer[':status'] ?? 0, answer, await stream.toArray());
    } finally {
      session.destroy();
    }
  };
  return {
    api,
    port,
    ca,
    admin,
    ask,
    ask2,
    client,
    post: (path, body, more) =>
      ask(path, {
        method: 'POST',
        ...more,
        headers: { 'content-type': 'application/json', ...more?.headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: async () => {
      for (const agent of agents.values()) agent.destroy();
      await api[Symbol.asyncDispose]();
    },
  };
}
