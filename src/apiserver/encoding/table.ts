import type { KubeObject, ListMeta } from '../../api/object.ts';
import { defaultColumns } from '../../resources/columns.ts';
import type { Column } from '../../resources/resource.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from '../registry/served.ts';
import { bytesInVersion, inVersion, working } from '../registry/versions.ts';

/** Which part of the object a row carries. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

const columnsOf = (served: Served): readonly Column[] =>
  served.rules.columns.length > 0 ? served.rules.columns : (defaultColumns as readonly Column[]);

/** `columnDefinitions` of a kind, as JSON. */
export function columnDefinitions(served: Served): string {
  return JSON.stringify(
    columnsOf(served).map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: column.description ?? '',
      priority: column.priority ?? 0,
    })),
  );
}

/** One row of a stored version, as JSON. Columns are written for the storage version. */
export function entryRow(served: Served, entry: Entry, include: IncludeObject, now: number): string {
  return row(served, working(served, entry.object), now, () => {
    if (include === 'None') return 'null';
    return include === 'Object' ? bytesInVersion(served, entry).toString() : partialEntry(served, entry);
  });
}

/** One row of a value that is not stored. */
export function objectRow(served: Served, object: KubeObject, include: IncludeObject, now: number): string {
  return row(served, object, now, () => {
    if (include === 'None') return 'null';
    return include === 'Object' ? JSON.stringify(inVersion(served, object)) : partial(object);
  });
}

const row = (served: Served, object: KubeObject, now: number, carried: () => string): string =>
  `{"cells":${JSON.stringify(columnsOf(served).map((column) => column.value(object, now)))},"object":${carried()}}`;

/** PartialObjectMetadata of an object, as JSON. */
export const partial = (object: KubeObject): string =>
  `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(object.metadata)}}`;

/** PartialObjectMetadata of a stored version: its metadata's bytes as they are. */
export function partialEntry(served: Served, entry: Entry): string {
  // A conversion may have labels and annotations of its own.
  if (served.custom && working(served, entry.object) !== entry.object) return partial(working(served, entry.object));
  const range = entry.metadataRange;
  if (!range) return partial(entry.object);
  const metadata = entry.bytes.toString('utf8', range.start, range.end);
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${metadata}}`;
}

/** A whole Table around ready rows. `definitions` is empty for all but the first event of a watch. */
export const table = (metadata: ListMeta, definitions: string, rows: readonly string[]): string =>
  `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[${rows.join(',')}]}`;
