import type { KubeObject, ListMeta } from '../../api/object.ts';
import { defaultColumns, scaleColumns } from '../../resources/columns.ts';
import type { Column } from '../../resources/resource.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from '../registry/served.ts';
import { bytesInVersion, inVersion, working } from '../registry/versions.ts';
import type { Format } from './negotiate.ts';

/** Which part of the object a row carries. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** How rows are written. */
interface RowStyle {
  readonly format: Format;
  readonly include: IncludeObject;
}

/** The columns of the resource, of its scale, or those that every object has. */
function columnsOf(served: Served, kind: string | undefined): readonly Column[] {
  const { columns } = served.rules;
  if (kind === served.kind && columns.length > 0) return columns;
  return (kind === 'Scale' ? scaleColumns : defaultColumns) as readonly Column[];
}

/** `columnDefinitions` of a kind, as JSON. */
export function columnDefinitions(served: Served, kind: string | undefined = served.kind): string {
  return JSON.stringify(
    columnsOf(served, kind).map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: column.description ?? '',
      priority: column.priority ?? 0,
    })),
  );
}

/** One row of a stored version, as JSON. Columns are written for the storage version. */
export function entryRow(served: Served, entry: Entry, { format, include }: RowStyle, now: number): string {
  return row(columnsOf(served, served.kind), working(served, entry.object), now, () => {
    if (include === 'None') return 'null';
    if (include === 'Object') return bytesInVersion(served, entry).toString();
    return partialEntry(served, entry, format.metaVersion);
  });
}

/** One row of a value that is not stored. */
export function objectRow(served: Served, object: KubeObject, { format, include }: RowStyle, now: number): string {
  return row(columnsOf(served, object.kind), object, now, () => {
    if (include === 'None') return 'null';
    if (include === 'Metadata') return partial(object, format.metaVersion);
    return JSON.stringify(object.kind === served.kind ? inVersion(served, object) : object);
  });
}

const row = (columns: readonly Column[], object: KubeObject, now: number, carried: () => string): string =>
  `{"cells":${JSON.stringify(columns.map((column) => column.value(object, now)))},"object":${carried()}}`;

/** PartialObjectMetadata of an object, as JSON. */
export const partial = (object: KubeObject, metaVersion: string): string =>
  `{"kind":"PartialObjectMetadata","apiVersion":"${metaVersion}","metadata":${JSON.stringify(object.metadata ?? {})}}`;

/** PartialObjectMetadata of a stored version: its metadata's bytes as they are. */
export function partialEntry(served: Served, entry: Entry, metaVersion: string): string {
  // A conversion may have labels and annotations of its own.
  const shown = served.custom && working(served, entry.object);
  if (shown && shown !== entry.object) return partial(shown, metaVersion);
  const range = entry.metadataRange;
  if (!range) return partial(entry.object, metaVersion);
  const metadata = entry.bytes.toString('utf8', range.start, range.end);
  return `{"kind":"PartialObjectMetadata","apiVersion":"${metaVersion}","metadata":${metadata}}`;
}

/** A Table up to its rows. `definitions` is "null" for all but the first event of a watch. */
export const tableHead = (metaVersion: string, metadata: ListMeta, definitions: string): string =>
  `{"kind":"Table","apiVersion":"${metaVersion}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[`;

/** A Table of one row. */
export const table = (metaVersion: string, metadata: ListMeta, definitions: string, row: string): string =>
  `${tableHead(metaVersion, metadata, definitions)}${row}]}`;
