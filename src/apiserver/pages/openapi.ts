import {
  type OpenApi,
  type OpenApiDocument,
  openApiV2ProtobufAccept,
  openApiV2ProtobufType,
} from '../../api/openapi/openapi.ts';
import { notAcceptable } from '../../api/status.ts';
import { parseClause } from '../encoding/negotiate.ts';
import type { ApiRequest } from '../request.ts';
import { headersFor, respondWith } from '../respond.ts';
import type { Page } from '../serve.ts';

const protobufAccept: readonly string[] = openApiV2ProtobufAccept;
const v3Prefix = '/openapi/v3/';
/** Documents asked for by their hash never change. */
const immutable = 'public, immutable';

/** /openapi/v2 (JSON and protobuf), /openapi/v3 and its documents. */
export function openApiPage(openApi: OpenApi): (path: string) => Page | undefined {
  return (path) => {
    if (path === '/openapi/v2') return (request) => answerV2(openApi, request);
    if (path === '/openapi/v3') return (request) => send(request, openApi.v3Index(), 'application/json');
    if (!path.startsWith(v3Prefix)) return undefined;
    const document = openApi.v3(path.slice(v3Prefix.length));
    return document && ((request) => send(request, document, 'application/json'));
  };
}

function answerV2(openApi: OpenApi, request: ApiRequest): void {
  const accept = request.exchange.header('accept') ?? '*/*';
  for (const clause of accept.split(',')) {
    const { type } = parseClause(clause);
    if (protobufAccept.includes(type)) {
      send(request, openApi.v2Protobuf(), openApiV2ProtobufType);
      return;
    }
    if (type === 'application/json' || type === '*/*' || type === 'application/*') {
      send(request, openApi.v2Json(), 'application/json');
      return;
    }
  }
  throw notAcceptable(['application/json', ...openApiV2ProtobufAccept]);
}

function send(request: ApiRequest, { bytes, etag }: OpenApiDocument, contentType: string): void {
  const headers = headersFor(request, contentType);
  const quoted = `"${etag}"`;
  headers['etag'] = quoted;
  headers['vary'] = 'Accept';
  if (request.exchange.queryText.includes('hash=')) headers['cache-control'] = immutable;
  if (request.exchange.header('if-none-match') === quoted) request.exchange.respond(304, headers);
  else respondWith(request, 200, headers, bytes);
}
