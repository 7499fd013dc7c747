import type { ClientRequest, IncomingMessage } from 'node:http';
import { StatusError } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import { jsonValue } from '../../base/json-value.ts';
import { joinUpgrade, type PassedHeaders, passAnswer, passedHeaders } from '../pass-on.ts';
import type { ApiRequest } from '../request.ts';
import { headersFor } from '../respond.ts';
import type { ForeignApi } from './foreign-api.ts';
import { type ForeignClient, isStale, unreachableText } from './foreign-client.ts';
import { userHeaders } from './user-headers.ts';

export interface ForwardParts {
  readonly client: ForeignClient;
  readonly clock: Clock;
}

/** How long a list of resources may take: clients ask every server for theirs. Source: apiserver `util/proxy/proxy.go`. */
const discoveryTimeout = 5_000;

/**
 * Passes an authorized request on to the server behind an APIService, and its answer back. What goes wrong on the way is told
 * as plain text. Source: kube-aggregator `handler_proxy.go`.
 */
export function forward(parts: ForwardParts, api: ForeignApi, request: ApiRequest): void {
  if (api.available) attempt(parts, api, request);
  else refuse(request, unavailable);
}

const unavailable = 'service unavailable';

const hasNoBody = (request: ApiRequest): boolean => ['GET', 'HEAD'].includes(request.exchange.method);

function attempt(parts: ForwardParts, api: ForeignApi, request: ApiRequest): void {
  const { exchange, info } = request;
  const { path, queryText, method } = exchange;
  let sent: ReturnType<ForeignClient['request']>;
  try {
    sent = parts.client.request(api, {
      method,
      path: queryText ? `${path}?${queryText}` : path,
      headers: headersOf(request),
    });
  } catch (error) {
    // The Service is gone, or has no address left: its availability is about to say so.
    if (error instanceof StatusError) return void refuse(request, unavailable);
    throw error;
  }
  const { outgoing, address } = sent;
  exchange.onEnd(() => outgoing.destroy());
  outgoing.on('error', (error) => {
    // To the connection a client that has left looks like a server that has.
    if (exchange.answered || exchange.signal.aborted) return;
    if (hasNoBody(request) && isStale(outgoing, error)) attempt(parts, api, request);
    else refuse(request, `error trying to reach service: ${unreachableText(api, address, error)}`);
  });
  if (info.path.startsWith(api.path) && !info.isResource) limitTime(parts.clock, request, outgoing);
  if (exchange.upgrade) return void joinUpgrade(request, outgoing, (incoming) => notUpgraded(request, incoming));
  outgoing.on('response', (incoming) => answer(request, incoming));
  if (hasNoBody(request)) outgoing.end();
  else exchange.bodyStream().pipe(outgoing);
}

/** The host is the address of the connection, whatever the client called this server. */
function headersOf(request: ApiRequest): PassedHeaders {
  const { exchange, user, id } = request;
  const { host: _, ...headers } = passedHeaders(exchange, '');
  if (hasNoBody(request)) delete headers['content-length'];
  return {
    ...headers,
    'x-forwarded-host': exchange.header('host') ?? exchange.header(':authority') ?? '',
    'x-forwarded-uri': exchange.path,
    'audit-id': id,
    ...userHeaders(user),
  };
}

function limitTime(clock: Clock, { exchange }: ApiRequest, outgoing: ClientRequest): void {
  const timer = clock.after(discoveryTimeout, () => outgoing.destroy(new Error('context deadline exceeded')));
  exchange.onEnd(() => timer.cancel());
}

/** A redirect would send the client, with its credentials, to wherever the other server likes. */
const redirected = 'the backend attempted to redirect this request, which is not permitted';

function answer(request: ApiRequest, incoming: IncomingMessage): void {
  const { statusCode = 0, headers } = incoming;
  if (statusCode < 300 || statusCode > 399 || !headers.location) return void passAnswer(request, incoming);
  incoming.destroy();
  refuse(request, redirected, 502);
}

/** Bytes of a refusal that are handed back. */
const maxRefusal = 64 * 1024;

/** A server that does not want to upgrade has its say; one that goes on without is refused. */
function notUpgraded(request: ApiRequest, incoming: IncomingMessage): void {
  const { statusCode = 0 } = incoming;
  if (statusCode < 400) {
    incoming.destroy();
    return void refuse(request, `invalid upgrade response: status code ${statusCode}`);
  }
  let text = '';
  const done = () => {
    const type = jsonValue(text) === undefined ? 'text/plain' : 'application/json';
    request.exchange.respond(statusCode, headersFor(request, type), text);
  };
  incoming.setEncoding('utf8');
  incoming.on('data', (chunk: string) => {
    text = (text + chunk).slice(0, maxRefusal);
  });
  incoming.on('end', done);
  incoming.on('error', done);
}

/** Source: net/http `Error`. */
function refuse(request: ApiRequest, text: string, code = 503): void {
  const headers = headersFor(request, 'text/plain; charset=utf-8');
  headers['x-content-type-options'] = 'nosniff';
  request.exchange.respond(code, headers, request.exchange.upgrade ? text : `${text}\n`);
}
