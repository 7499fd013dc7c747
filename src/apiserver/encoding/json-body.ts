import type { KubeObject } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Result } from '../registry/operation.ts';
import type { Served } from '../registry/served.ts';
import { answered, bytesInVersion } from '../registry/versions.ts';
import type { Body, BodyStyle } from './body-style.ts';
import { columnDefinitions, entryRow, objectRow, partial, partialEntry, table } from './table.ts';

/** One object as JSON, transformed as asked. */
export function jsonBody(clock: Clock, served: Served, answer: Result, style: BodyStyle): Body {
  const { as, metaVersion } = style.format;
  if (answer.as === 'object') return objectBody(clock, served, answer.object, style);
  if (as === undefined) return bytesInVersion(served, answer.entry);
  if (as !== 'Table') return partialEntry(served, answer.entry, metaVersion);
  const { resourceVersion } = answer.entry.object.metadata;
  const row = entryRow(served, answer.entry, style, clock.wall());
  return table(metaVersion, { resourceVersion: resourceVersion! }, columnDefinitions(served), row);
}

/** A value made for this answer. What has no metadata, as a Status, is never transformed. */
function objectBody(clock: Clock, served: Served, object: KubeObject, style: BodyStyle): string {
  const { as, metaVersion } = style.format;
  if (as === undefined || object.kind === 'Status') return JSON.stringify(answered(served, object));
  if (as !== 'Table') return partial(object, metaVersion);
  const metadata = { resourceVersion: object.metadata?.resourceVersion ?? '' };
  const row = objectRow(served, object, style, clock.wall());
  return table(metaVersion, metadata, columnDefinitions(served, object.kind), row);
}
