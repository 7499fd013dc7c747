import { packageOf, typeFacts } from '../../api/facts.ts';
import { encodeProtobuf } from '../../api/protobuf/envelope.ts';
import { type Status, StatusError } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { Answer } from '../registry/execute.ts';
import type { Served } from '../registry/served.ts';
import { whenEntriesReady } from '../registry/versions.ts';
import type { Body, BodyStyle } from './body-style.ts';
import { jsonBody } from './json-body.ts';
import { type JsonList, joined, jsonList } from './json-list.ts';
import type { Format, Transformation } from './negotiate.ts';
import { protobufBody } from './protobuf-body.ts';
import { restyled, restyledList } from './restyle.ts';

/** The body of an answer. Objects that are stored are never encoded again for plain JSON. */
export function answerBody(clock: Clock, served: Served, answer: Answer, style: BodyStyle): Body | Promise<Body> {
  checkTransformation(served, answer, style.format.as);
  if (answer.as === 'object') return readyBody(clock, served, answer, style);
  const entries = answer.as === 'list' ? answer.entries : [answer.entry];
  return whenEntriesReady(served, entries, () => readyBody(clock, served, answer, style));
}

function readyBody(clock: Clock, served: Served, answer: Answer, style: BodyStyle): Body | Promise<Body> {
  const { format } = style;
  if (format.media === 'protobuf') return protobufBody(clock, served, answer, style);
  if (answer.as !== 'list') return dressed(jsonBody(clock, served, answer, style), format);
  const list = jsonList(clock, served, answer.entries, answer.metadata, style);
  const whole = (ready: JsonList) =>
    isPlain(format) ? joined(ready, style.allocate) : restyledList(clock, ready, format);
  return list instanceof Promise ? list.then(whole) : whole(list);
}

const isPlain = (format: Format): boolean => format.media === 'json' && !format.pretty;

/** JSON as the format wants it: as it is, with line breaks, or as YAML. */
export const dressed = (json: Body, format: Format): Body => (isPlain(format) ? json : restyled(json, format));

const statusType = typeFacts('meta/v1.Status');

/** The body of a Status. */
export function statusBody(status: Status, format: Format): Body {
  if (format.media === 'protobuf') return encodeProtobuf(statusType, status);
  return dressed(JSON.stringify(status), format);
}

/** Lists have no metadata of one object, and objects are no list. Source: apiserver `endpoints/handlers/response.go`. */
function checkTransformation(served: Served, answer: Answer, as: Transformation | undefined): void {
  if (as !== (answer.as === 'list' ? 'PartialObjectMetadata' : 'PartialObjectMetadataList')) return;
  if (answer.as === 'object' && answer.object.kind === 'Status') return;
  const what = answer.as === 'list' ? 'a list' : 'not a list';
  const type = goType(served, answer.as === 'list' ? served.listKind : served.kind);
  throw new StatusError('NotAcceptable', `you requested ${as}, but the requested object is ${what} (${type})`);
}

/** The type as Go prints it: upstream works with its internal ones. */
function goType(served: Served, kind: string): string {
  if (served.custom) return `*unstructured.Unstructured${kind === served.listKind ? 'List' : ''}`;
  return `*${packageOf(served.group, served.version)?.split('/')[0] ?? served.group}.${kind}`;
}
