import { stringify } from 'yaml';
import type { ListMeta } from '../../api/object.ts';
import { notAcceptable } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { Entry } from '../../store/store.ts';
import type { Answer } from '../registry/execute.ts';
import type { Served } from '../registry/served.ts';
import { bytesInVersion, inVersion, whenEntriesReady } from '../registry/versions.ts';
import { listBody } from './list-body.ts';
import type { Format } from './negotiate.ts';
import { inSlices } from './slices.ts';
import { columnDefinitions, entryRow, type IncludeObject, objectRow, partial, partialEntry, table } from './table.ts';

/** How a body is to be written: the negotiated format and what the query adds to it. */
export interface BodyStyle {
  readonly format: Format;
  readonly include: IncludeObject;
  readonly pretty: boolean;
  /** Where the bytes of a list are put; they may be reused when the answer is over. */
  readonly allocate: (size: number) => Buffer;
}

export type Body = Buffer | string;

/** The body of an answer. Objects that are stored are never encoded again for plain JSON. */
export function answerBody(clock: Clock, served: Served, answer: Answer, style: BodyStyle): Body | Promise<Body> {
  if (answer.as === 'object') return readyBody(clock, served, answer, style);
  const entries = answer.as === 'list' ? answer.entries : [answer.entry];
  return whenEntriesReady(served, entries, () => readyBody(clock, served, answer, style));
}

function readyBody(clock: Clock, served: Served, answer: Answer, style: BodyStyle): Body | Promise<Body> {
  const json = jsonBody(clock, served, answer, style);
  if (style.format.media === 'json' && !style.pretty) return json;
  const restyle = (body: Body) => restyled(body, style);
  return json instanceof Promise ? json.then(restyle) : restyle(json);
}

/** Go reads YAML 1.1, where a bare `yes` is a boolean. */
const forGo = { compat: 'yaml-1.1', lineWidth: 0 } as const;

function restyled(body: Body, style: BodyStyle): string {
  const value = JSON.parse(body.toString());
  return style.format.media === 'yaml' ? stringify(value, forGo) : `${JSON.stringify(value, null, 2)}\n`;
}

function jsonBody(clock: Clock, served: Served, answer: Answer, style: BodyStyle): Body | Promise<Body> {
  const { as } = style.format;
  if (answer.as === 'list') {
    if (as === 'PartialObjectMetadata') throw notAcceptable(['application/json', 'application/yaml']);
    if (as === 'Table') return tableList(clock, served, answer.entries, answer.metadata, style);
    if (as) return partialList(clock, served, answer.entries, answer.metadata);
    return listBody(clock, served, answer.entries, answer.metadata, style.allocate);
  }
  if (answer.as === 'entry' && as === undefined) return bytesInVersion(served, answer.entry);
  const object = answer.as === 'entry' ? inVersion(served, answer.entry.object) : answer.object;
  if (as === undefined || object.kind === 'Status') return JSON.stringify(object);
  if (as === 'PartialObjectMetadataList' || object.kind !== served.kind)
    throw notAcceptable(['application/json', 'application/yaml']);
  if (as === 'PartialObjectMetadata')
    return answer.as === 'entry' ? partialEntry(served, answer.entry) : partial(object);
  const now = clock.wall();
  const row =
    answer.as === 'entry'
      ? entryRow(served, answer.entry, style.include, now)
      : objectRow(served, answer.object, style.include, now);
  return table({ resourceVersion: object.metadata.resourceVersion! }, columnDefinitions(served), [row]);
}

function tableList(
  clock: Clock,
  served: Served,
  entries: readonly Entry[],
  metadata: ListMeta,
  style: BodyStyle,
): string | Promise<string> {
  const now = clock.wall();
  const rows = new Array<string>(entries.length);
  const filling = inSlices(clock, entries, (entry, i) => {
    rows[i] = entryRow(served, entry, style.include, now);
  });
  const definitions = columnDefinitions(served);
  if (filling) return filling.then(() => table(metadata, definitions, rows));
  return table(metadata, definitions, rows);
}

function partialList(
  clock: Clock,
  served: Served,
  entries: readonly Entry[],
  metadata: ListMeta,
): string | Promise<string> {
  const items = new Array<string>(entries.length);
  const filling = inSlices(clock, entries, (entry, i) => {
    items[i] = partialEntry(served, entry);
  });
  const whole = () =>
    `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)},"items":[${items.join(',')}]}`;
  return filling ? filling.then(whole) : whole();
}
