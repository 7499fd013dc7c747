import { type OpenApiDocument, openApiV2ProtobufAccept, openApiV2ProtobufType } from '../../api/openapi/openapi.ts';
import { notAcceptable } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { OpenApiDocuments } from '../aggregation/aggregated-openapi.ts';
import { parseClause } from '../encoding/negotiate.ts';
import type { ApiRequest } from '../request.ts';
import { headersFor, respondDocument } from '../respond.ts';
import type { Page } from '../serve.ts';

const protobufAccept: readonly string[] = openApiV2ProtobufAccept;
const v3Prefix = '/openapi/v3/';
/** Documents asked for by their hash never change. */
const immutable = 'public, immutable';

/** How long a document that is asked for by its hash may be kept. */
const year = 365 * 24 * 3600_000;

/** /openapi/v2 (JSON and protobuf), /openapi/v3 and its documents. */
export function openApiPage(openApi: OpenApiDocuments, clock: Clock): (path: string) => Page | undefined {
  return (path) => {
    if (path === '/openapi/v2') return (request) => answerV2(openApi, request);
    if (path === '/openapi/v3') return (request) => send(request, openApi.v3Index(), 'application/json');
    if (!path.startsWith(v3Prefix)) return undefined;
    const document = openApi.v3(path.slice(v3Prefix.length));
    return document && ((request) => sendHashed(acceptingJson(request), document, clock));
  };
}

const isJson = (type: string) => type === 'application/json' || type === '*/*' || type === 'application/*';

/** A request that takes JSON, the only form that version 3 has here. Throws the 406 Status. */
function acceptingJson(request: ApiRequest): ApiRequest {
  const accept = request.exchange.header('accept');
  if (accept && !accept.split(',').some((clause) => isJson(parseClause(clause).type)))
    throw notAcceptable(['application/json']);
  return request;
}

function answerV2(openApi: OpenApiDocuments, request: ApiRequest): void | Promise<void> {
  const accept = request.exchange.header('accept') ?? '*/*';
  for (const clause of accept.split(',')) {
    const { type } = parseClause(clause);
    if (protobufAccept.includes(type)) return send(request, openApi.v2Protobuf(), openApiV2ProtobufType);
    if (isJson(type)) return send(request, openApi.v2Json(), 'application/json');
  }
  throw notAcceptable(['application/json', ...openApiV2ProtobufAccept]);
}

/** A v3 document. Who asks by the hash of one that is no more is sent on. Source: kube-openapi `handler3`. */
function sendHashed(request: ApiRequest, document: OpenApiDocument, clock: Clock): void | Promise<void> {
  const { exchange } = request;
  const hash = exchange.queryText.includes('hash=') ? exchange.query.get('hash') : null;
  if (!hash) return send(request, document, 'application/json');
  if (hash !== document.etag) {
    const location = `${exchange.path}?hash=${document.etag}`;
    exchange.respond(301, { ...headersFor(request, 'text/plain'), location }, '');
    return;
  }
  const expires = new Date(clock.wall() + year).toUTCString();
  return send(request, document, 'application/json', { 'cache-control': immutable, expires });
}

function send(
  request: ApiRequest,
  { bytes, etag }: OpenApiDocument,
  contentType: string,
  more: Readonly<Record<string, string>> = {},
): void | Promise<void> {
  const headers = { ...headersFor(request, contentType), ...more };
  const quoted = `"${etag}"`;
  headers['etag'] = quoted;
  headers['vary'] = 'Accept';
  if (request.exchange.header('if-none-match') === quoted) request.exchange.respond(304, headers);
  else return respondDocument(request, headers, bytes);
}
