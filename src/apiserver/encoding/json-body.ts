import type { KubeObject, ListMeta } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Entry } from '../../store/store.ts';
import type { Answer } from '../registry/execute.ts';
import type { Served } from '../registry/served.ts';
import { answered, bytesInVersion } from '../registry/versions.ts';
import type { Body, BodyStyle } from './answer-body.ts';
import { listBody } from './list-body.ts';
import { inSlices } from './slices.ts';
import { columnDefinitions, entryRow, objectRow, partial, partialEntry, table } from './table.ts';

/** The body of an answer as JSON, transformed as asked. */
export function jsonBody(clock: Clock, served: Served, answer: Answer, style: BodyStyle): Body | Promise<Body> {
  const { as, metaVersion } = style.format;
  if (answer.as === 'list') {
    if (as === 'Table') return tableList(clock, served, answer.entries, answer.metadata, style);
    if (as) return partialList(clock, served, answer.entries, answer.metadata, metaVersion);
    return listBody(clock, served, answer.entries, answer.metadata, style.allocate);
  }
  if (answer.as === 'object') return objectBody(clock, served, answer.object, style);
  if (as === undefined) return bytesInVersion(served, answer.entry);
  if (as !== 'Table') return partialEntry(served, answer.entry, metaVersion);
  const { resourceVersion } = answer.entry.object.metadata;
  const row = entryRow(served, answer.entry, style, clock.wall());
  return table(metaVersion, { resourceVersion: resourceVersion! }, columnDefinitions(served), [row]);
}

/** A value made for this answer. What has no metadata, as a Status, is never transformed. */
function objectBody(clock: Clock, served: Served, object: KubeObject, style: BodyStyle): string {
  const { as, metaVersion } = style.format;
  if (as === undefined || object.kind === 'Status') return JSON.stringify(answered(served, object));
  if (as !== 'Table') return partial(object, metaVersion);
  const metadata = { resourceVersion: object.metadata?.resourceVersion ?? '' };
  const row = objectRow(served, object, style, clock.wall());
  return table(metaVersion, metadata, columnDefinitions(served, object.kind), [row]);
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
    rows[i] = entryRow(served, entry, style, now);
  });
  const whole = () => table(style.format.metaVersion, metadata, columnDefinitions(served), rows);
  return filling ? filling.then(whole) : whole();
}

function partialList(
  clock: Clock,
  served: Served,
  entries: readonly Entry[],
  metadata: ListMeta,
  metaVersion: string,
): string | Promise<string> {
  const items = new Array<string>(entries.length);
  const filling = inSlices(clock, entries, (entry, i) => {
    items[i] = partialEntry(served, entry, metaVersion);
  });
  const whole = () =>
    `{"kind":"PartialObjectMetadataList","apiVersion":"${metaVersion}","metadata":${JSON.stringify(metadata)},"items":[${items.join(',')}]}`;
  return filling ? filling.then(whole) : whole();
}
