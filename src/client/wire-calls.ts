import type { IncomingMessage } from 'node:http';
import { answerText } from '../api/answer-text.ts';
import type { KubeObject } from '../api/object.ts';
import { type Status, StatusError, type StatusReason, serviceUnavailable } from '../api/status.ts';
import { jsonValue } from '../base/json-value.ts';
import type { Call, WatchEvent, WatchHandler } from './call.ts';
import { LineSplitter } from './line-splitter.ts';
import { methods, type WireRequest, wireRequest } from './request-path.ts';

/** Sends a request; resolves with the head of its answer. Rejects with a StatusError, or with the reason of the signal. */
export type Send = (request: WireRequest, signal: AbortSignal | undefined) => Promise<IncomingMessage>;

/** A call over HTTP with JSON. What it returns is its caller's own; nothing is shared or frozen. */
export async function callOver(send: Send, call: Call, signal?: AbortSignal): Promise<KubeObject> {
  const response = await send(wireRequest(call), signal);
  const body = parsed(call, response, await readAll(response));
  if (call.verb === 'list') nameItems(body);
  return body;
}

/** A watch over HTTP with JSON. */
export async function watchOver(send: Send, call: Call, handler: WatchHandler, signal: AbortSignal): Promise<void> {
  const response = await send(wireRequest({ ...call, verb: 'watch' }), signal);
  if (response.statusCode !== 200) throw failureOf(response.statusCode ?? 500, await readAll(response), call);
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

export const unreachable = (error: Error): StatusError =>
  Object.assign(serviceUnavailable(`the API server cannot be reached: ${error.message}`), { cause: error });

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw unreachable(error as Error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(call: Call, { statusCode = 500 }: IncomingMessage, text: string): KubeObject {
  const body = jsonValue(text) as (KubeObject & { readonly status?: unknown }) | undefined;
  if (statusCode >= 400 || (body?.kind === 'Status' && body.status === 'Failure'))
    throw failureOf(statusCode, text, call);
  if (typeof body === 'object' && body !== null) return body;
  throw new StatusError('InternalError', `the server answered ${statusCode} with ${text.slice(0, 200) || 'nothing'}`);
}

const reasons: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/**
 * The error that an answer is: its own Status, or what its code means of the call. Source: client-go `rest/request.go` and
 * apimachinery `errors.NewGenericServerResponse`.
 */
export function failureOf(code: number, text: string, { verb, resource, name }: Call): StatusError {
  const body = jsonValue(text) as Partial<Status> | undefined;
  if (body?.kind === 'Status' && typeof body.code === 'number') return StatusError.from(body as Status);
  const { group, resource: plural } = resource;
  const qualified = group ? `${plural}.${group}` : plural;
  const asked = `${methods[verb].toLowerCase()} ${qualified}${name ? ` ${name}` : ''}`;
  return new StatusError(reasons[code] ?? 'InternalError', `${answerText(code, text)} (${asked})`, undefined, { code });
}

/** Items of a list do not carry their type on the wire; everywhere else in krill objects know what they are. */
function nameItems(list: KubeObject): void {
  const kind = list.kind.replace(/List$/, '');
  for (const item of (list['items'] ?? []) as { apiVersion?: string; kind?: string }[]) {
    item.apiVersion ??= list.apiVersion;
    item.kind ??= kind;
  }
}
