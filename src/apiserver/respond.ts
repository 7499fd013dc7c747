import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { StatusError } from '../api/status.ts';
import { statusBody } from './encoding/answer-body.ts';
import type { Body } from './encoding/body-style.ts';
import { negotiateFailure } from './encoding/negotiate.ts';
import type { AnswerHeaders } from './exchange.ts';
import type { ApiRequest } from './request.ts';
import { warningHeaders } from './warning-headers.ts';

/** Bodies above this are compressed for clients that can read it. Source: responsewriters, defaultGzipThresholdBytes. */
const gzipThreshold = 128 * 1024;

/** Headers of every answer. */
export function headersFor(request: ApiRequest, contentType: string): AnswerHeaders {
  const headers: AnswerHeaders = {
    'audit-id': request.id,
    'cache-control': 'no-cache, private',
    'content-type': contentType,
  };
  const { flow } = request;
  if (flow) {
    headers['x-kubernetes-pf-flowschema-uid'] = flow.schema;
    headers['x-kubernetes-pf-prioritylevel-uid'] = flow.level;
  }
  if (request.warnings.length > 0) headers['warning'] = warningHeaders(request.warnings);
  return headers;
}

/** Answers with a body, compressed where that pays. */
export function respond(request: ApiRequest, code: number, contentType: string, body: Body): void {
  respondWith(request, code, headersFor(request, contentType), body);
}

/** The same with headers of its own. */
export function respondWith(request: ApiRequest, code: number, headers: AnswerHeaders, body: Body): void {
  if (body.length > gzipThreshold && acceptsGzip(request)) compressed(request, code, headers, body);
  else request.exchange.respond(code, headers, body);
}

const acceptsGzip = (request: ApiRequest) => (request.exchange.header('accept-encoding') ?? '').includes('gzip');

function compressed(request: ApiRequest, code: number, headers: AnswerHeaders, body: Body): void {
  gzip(body, { level: constants.Z_BEST_SPEED }, (error, packed) => {
    if (error) request.exchange.respond(code, headers, body);
    else respondPacked(request, code, headers, packed);
  });
}

function respondPacked(request: ApiRequest, code: number, headers: AnswerHeaders, packed: Buffer): void {
  headers['content-encoding'] = 'gzip';
  headers['vary'] = headers['vary'] ? `${headers['vary']}, Accept-Encoding` : 'Accept-Encoding';
  request.exchange.respond(code, headers, packed);
}

const pack = promisify(gzip);
const packedDocuments = new WeakMap<Buffer, Promise<Buffer>>();

/** Answers with a body that is kept and sent again and again: it is compressed once, and well. */
export function respondDocument(request: ApiRequest, headers: AnswerHeaders, body: Buffer): void | Promise<void> {
  if (body.length <= gzipThreshold || !acceptsGzip(request)) return request.exchange.respond(200, headers, body);
  let packing = packedDocuments.get(body);
  if (!packing) packedDocuments.set(body, (packing = pack(body)));
  return packing.then((packed) => respondPacked(request, 200, headers, packed));
}

/** Answers with a Status, in the format asked for where it can be had. */
export function respondStatus(request: ApiRequest, error: StatusError): void {
  const { status } = error;
  const format = negotiateFailure(request.exchange.header('accept'));
  const headers = headersFor(request, format.contentType);
  const after = status.details?.retryAfterSeconds;
  if (after) headers['retry-after'] = String(after);
  request.exchange.respond(status.code, headers, statusBody(status, format));
}
