import { goneForGood } from '../api/legacy-facts.ts';
import { notFound, StatusError, unknownPath } from '../api/status.ts';
import type { CallOptions } from '../client/call.ts';
import { answerBody } from './encoding/answer-body.ts';
import { BodyPool } from './encoding/body-pool.ts';
import type { BodyStyle } from './encoding/body-style.ts';
import { connectOptions } from './encoding/connect-options.ts';
import { builtIn, customResource, negotiate, type Place, writeOnly } from './encoding/negotiate.ts';
import { prettyFor } from './encoding/pretty.ts';
import { queryOptions } from './encoding/query-options.ts';
import { decodeDeleteOptions, decodeObject, decodePatch, maxBody } from './encoding/request-body.ts';
import type { IncludeObject } from './encoding/table.ts';
import { admitConnect } from './registry/admit.ts';
import { decodeTarget } from './registry/decode-target.ts';
import { type Answer, checkOffered, execute, methodNotAllowedHere, type VirtualHandlers } from './registry/execute.ts';
import type { Operation, Registry } from './registry/operation.ts';
import { patchTypesOf } from './registry/patch.ts';
import type { Served } from './registry/served.ts';
import type { ApiRequest } from './request.ts';
import type { RequestInfo } from './request-info.ts';
import { respond } from './respond.ts';
import { serveWatch } from './serve-watch.ts';

/** Serves a subresource that is a connection rather than an object: log, exec, proxy. */
export type Connect = (request: ApiRequest, op: Operation) => Promise<void> | void;

export interface ResourceParts {
  readonly registry: Registry;
  readonly virtual: VirtualHandlers;
  /** By "resource/subresource", e.g. "pods/log". */
  readonly connects: Readonly<Record<string, Connect>>;
}

/** Verbs of one object, never of a collection. */
const nameVerbs: ReadonlySet<string> = new Set(['update', 'patch']);
const bodyVerbs: ReadonlySet<string> = new Set(['create', 'update']);

/** Serves an authorized request for a resource. */
export function serveResource(parts: ResourceParts, request: ApiRequest): void | Promise<void> {
  const { info, served, exchange } = request;
  if (!served) throw notServed(info);
  if (!served.namespaced && info.namespace && info.resource !== 'namespaces') throw unknownPath();
  const warning = served.custom?.warning ?? served.deprecation?.(info.subresource);
  if (warning) request.warnings.push(warning);
  const connect = info.subresource ? parts.connects[`${served.qualified}/${info.subresource}`] : undefined;
  if (connect) {
    checkOffered(served, exchange.upgrade && exchange.method === 'GET' ? 'create' : info.verb, info.subresource);
    return admittedConnect(parts, request, served, connect);
  }
  if (info.rest) throw unknownPath();
  if (served.namespaced && !info.namespace && info.verb !== 'list' && info.verb !== 'watch')
    throw info.name || served.custom ? unknownPath() : methodNotAllowedHere();
  if (exchange.upgrade && info.verb !== 'watch') throw new StatusError('BadRequest', 'this path cannot be upgraded');
  if (!info.name && nameVerbs.has(info.verb)) throw methodNotAllowedHere();
  if (info.name && !info.subresource && info.verb === 'create') throw methodNotAllowedHere();
  if (served.custom && info.subresource && !served.subresources.has(info.subresource))
    throw notFound(served, info.name);
  checkOffered(served, info.verb, info.subresource);
  if (served.rules.deprecation) request.warnings.push(served.rules.deprecation);
  const style = styleOf(request, served);
  const options = queryOptions(exchange.queryText, () => exchange.query, info.verb);
  if (info.verb === 'watch') return serveWatch(parts.registry, request, operation(request, served, options), style);
  if (bodyVerbs.has(info.verb)) return withObject(parts, request, served, options, style);
  if (info.verb === 'patch') return withPatch(parts, request, served, options, style);
  if (info.verb === 'delete' || info.verb === 'deletecollection')
    return withDeleteOptions(parts, request, served, options, style);
  return run(parts, request, operation(request, served, options), style);
}

/** What is a connection has passed admission with its options, but for logs, which are only read. */
function admittedConnect(
  { registry }: ResourceParts,
  request: ApiRequest,
  served: Served,
  connect: Connect,
): Promise<void> | void {
  const { exchange, info } = request;
  const options = queryOptions(exchange.queryText, () => exchange.query, info.verb);
  const op = operation(request, served, options, connectOptions(served, info, exchange.query));
  const admitting = op.object && admitConnect(registry, op);
  return admitting ? admitting.then(() => connect(request, op)) : connect(request, op);
}

/** A resource that is not served; of some that once were it says what to do. */
function notServed({ group, version, resource }: RequestInfo): StatusError {
  const advice = goneForGood[`${group}/${version}/${resource}`];
  return advice ? new StatusError('NotFound', advice) : unknownPath();
}

function styleOf(request: ApiRequest, served: Served): BodyStyle {
  const { exchange } = request;
  const format = negotiate(exchange.header('accept'), placeOf(served, request.info.subresource));
  const allocate = (size: number) => bodyBuffer(request, size);
  const include = exchange.queryText === '' ? null : exchange.query.get('includeObject');
  return {
    format: prettyFor(request, format),
    include: include === 'None' || include === 'Object' ? (include as IncludeObject) : 'Metadata',
    allocate,
  };
}

/** What can be written but not read, such as a review, has no table. Source: apiserver `endpoints/handlers/rest.go`. */
function placeOf(served: Served, subresource: string): Place {
  if (served.custom) return customResource;
  const sub = subresource ? served.subresources.get(subresource) : undefined;
  const readable = sub ? sub.verbs.includes('get') : served.verbs.has('get') || served.verbs.has('list');
  return readable ? builtIn : writeOnly;
}

const pool = new BodyPool();

/** HTTP/2 may hold a body beyond the end of its stream, so only HTTP/1.1 reuses. */
function bodyBuffer({ exchange }: ApiRequest, size: number): Buffer {
  const taken = exchange.http2 ? undefined : pool.take(size);
  if (!taken) return Buffer.allocUnsafe(size);
  exchange.onEnd(taken.giveBack);
  return taken.buffer;
}

function operation(
  request: ApiRequest,
  served: Served,
  options: CallOptions,
  object?: Operation['object'],
  patch?: Operation['patch'],
): Operation {
  const { info, exchange } = request;
  return {
    user: request.user,
    manager: managerOf(exchange.header('user-agent') ?? ''),
    served,
    namespace: served.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    options,
    object,
    patch,
    warn: (text) => void request.warnings.push(text),
    signal: () => exchange.signal,
  };
}

/** Source: apiserver `endpoints/handlers/create.go`, managerOrUserAgent. */
function managerOf(agent: string): string {
  const end = agent.indexOf('/');
  return (end < 0 ? agent : agent.slice(0, end)).slice(0, 128);
}

function run(parts: ResourceParts, request: ApiRequest, op: Operation, style: BodyStyle): void | Promise<void> {
  const answer = execute(parts.registry, parts.virtual, request.info.verb, op);
  if (answer instanceof Promise) return answer.then((done) => send(parts, request, op.served, done, style));
  return send(parts, request, op.served, answer, style);
}

function send(
  parts: ResourceParts,
  request: ApiRequest,
  served: Served,
  answer: Answer,
  style: BodyStyle,
): void | Promise<void> {
  const code = answer.as === 'list' ? 200 : answer.code;
  const body = answerBody(parts.registry.clock, served, answer, style);
  if (body instanceof Promise) return body.then((done) => respond(request, code, style.format.contentType, done));
  respond(request, code, style.format.contentType, body);
}

async function withObject(
  parts: ResourceParts,
  request: ApiRequest,
  served: Served,
  options: CallOptions,
  style: BodyStyle,
): Promise<void> {
  const { exchange, info } = request;
  const bytes = await exchange.body(maxBody);
  const target = decodeTarget(served, info.subresource);
  const warn = (text: string) => void request.warnings.push(text);
  const object = decodeObject(bytes, exchange.header('content-type'), target, options.fieldValidation, warn);
  const op = operation(request, served, options, object);
  const answer = await execute(parts.registry, parts.virtual, info.verb, op);
  await send(parts, request, served, answer, style);
}

async function withPatch(
  parts: ResourceParts,
  request: ApiRequest,
  served: Served,
  options: CallOptions,
  style: BodyStyle,
): Promise<void> {
  const { exchange } = request;
  const bytes = await exchange.body(maxBody);
  const patch = decodePatch(bytes, exchange.header('content-type'), patchTypesOf(served));
  await run(parts, request, operation(request, served, options, undefined, patch), style);
}

async function withDeleteOptions(
  parts: ResourceParts,
  request: ApiRequest,
  served: Served,
  query: CallOptions,
  style: BodyStyle,
): Promise<void> {
  const { exchange } = request;
  const bytes = await exchange.body(maxBody);
  const options = decodeDeleteOptions(bytes, exchange.header('content-type'), query);
  await run(parts, request, operation(request, served, options), style);
}
