import type { KubeObject, ListMeta } from '../../api/object.ts';
import { defaultColumns } from '../../resources/columns.ts';
import type { Column } from '../../resources/resource.ts';
import type { Served } from '../registry/served.ts';

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

/** One row, as JSON. `bytes` is the object's own JSON, used where the whole object is asked for. */
export function tableRow(
  served: Served,
  object: KubeObject,
  bytes: () => Buffer | string,
  include: IncludeObject,
  now: number,
): string {
  const cells = JSON.stringify(columnsOf(served).map((column) => column.value(object, now)));
  if (include === 'None') return `{"cells":${cells},"object":null}`;
  const carried = include === 'Object' ? bytes().toString() : partial(object);
  return `{"cells":${cells},"object":${carried}}`;
}

/** PartialObjectMetadata of an object, as JSON. */
export const partial = (object: KubeObject): string =>
  `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(object.metadata)}}`;

/** A whole Table around ready rows. `definitions` is empty for all but the first event of a watch. */
export const table = (metadata: ListMeta, definitions: string, rows: readonly string[]): string =>
  `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[${rows.join(',')}]}`;
