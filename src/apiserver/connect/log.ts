import type { Readable } from 'node:stream';
import { ErrorList, FieldPath, wholeObject } from '../../api/field-errors.ts';
import { badRequest, invalid } from '../../api/status.ts';
import type { LogOptions } from '../../node/gateway.ts';
import { acceptReadOnlyWebSocket } from '../../stream/read-only-websocket.ts';
import { isTrue } from '../filters/request-info.ts';
import type { ApiRequest } from '../request.ts';
import { headersFor } from '../respond.ts';
import type { Connect } from '../serve-resource.ts';
import type { ConnectParts } from './connect-parts.ts';
import { containerOf, podOf, targetOf } from './pod-target.ts';

/** GET of pods/NAME/log, as a body or over a WebSocket. */
export function logConnect(parts: ConnectParts): Connect {
  return async (request, op) => {
    const options = logOptions(request.exchange.query, op.name);
    const pod = podOf(parts.registry, op);
    const target = targetOf(pod, containerOf(pod, request.exchange.query.get('container') ?? ''));
    const { upgrade } = request.exchange;
    if (!target) {
      // Before it has a node a pod has said nothing.
      request.exchange.respond(200, headersFor(request, 'text/plain'));
      return;
    }
    const open = (signal: AbortSignal) => parts.nodes().logs(target, options, signal);
    if (upgrade) {
      const { req, socket, head } = upgrade;
      await acceptReadOnlyWebSocket(req, socket, head, open, parts.registry.clock, parts.registry.log);
    } else copyOut(request, await open(request.exchange.signal));
  };
}

/** Sends a stream as it comes, no faster than the client takes it. */
function copyOut(request: ApiRequest, source: Readable): void {
  const stream = request.exchange.stream(200, headersFor(request, 'text/plain'));
  request.exchange.onEnd(() => source.destroy());
  source.on('data', (chunk: Buffer) => {
    if (stream.write(chunk)) return;
    source.pause();
    stream.onDrain(() => source.resume());
  });
  source.on('end', () => stream.end());
  // What is lost in the middle of a body can only be shown by cutting it off.
  source.on('error', () => stream.destroy());
}

function logOptions(query: URLSearchParams, pod: string): LogOptions {
  const errors = new ErrorList();
  const flag = (name: string) => query.has(name) && isTrue(query.get(name)!);
  const number = (name: string, least: number) => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^-?\d{1,15}$/.test(text))
      throw badRequest(
        `unable to convert query parameter ${JSON.stringify(name)}: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
      );
    const value = Number(text);
    if (value < least)
      errors.invalid(FieldPath.of(name), value, `must be greater than ${least === 0 ? 'or equal to 0' : '0'}`);
    return value;
  };
  const sinceSeconds = number('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime') ?? undefined;
  const tailLines = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const stream = query.get('stream') || undefined;
  if (sinceSeconds !== undefined && sinceTime)
    errors.forbidden(wholeObject, 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (sinceTime && Number.isNaN(Date.parse(sinceTime)))
    throw badRequest(`parsing time ${JSON.stringify(sinceTime)} failed`);
  if (stream && !['All', 'Stdout', 'Stderr'].includes(stream))
    errors.notSupported(FieldPath.of('stream'), stream, ['All', 'Stderr', 'Stdout']);
  if (stream && stream !== 'All' && tailLines !== undefined)
    errors.forbidden(wholeObject, '`tailLines` and specific `stream` are mutually exclusive for now');
  if (!errors.empty) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, errors.errors);
  return {
    ...(flag('follow') && { follow: true }),
    ...(flag('previous') && { previous: true }),
    ...(flag('timestamps') && { timestamps: true }),
    ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(sinceTime && { sinceTime }),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(stream && { stream }),
  };
}
