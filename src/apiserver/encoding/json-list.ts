import type { ListMeta } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from '../registry/served.ts';
import { bytesInVersion } from '../registry/versions.ts';
import type { BodyStyle } from './body-style.ts';
import { inSlices } from './slices.ts';
import { columnDefinitions, entryRow, partialEntry, tableHead } from './table.ts';

/** A list as JSON that is not put together yet. Its items come last: after them it only has to be closed. */
export interface JsonList {
  /** Everything up to the bracket that opens the items. */
  readonly head: string;
  readonly items: readonly (Buffer | string)[];
}

/** What closes a list. */
export const listTail = ']}';

/** The items of a list in the form asked for: their kept bytes, their metadata, or rows. */
export function jsonList(
  clock: Clock,
  served: Served,
  entries: readonly Entry[],
  metadata: ListMeta,
  style: BodyStyle,
): JsonList | Promise<JsonList> {
  const { as, metaVersion } = style.format;
  const now = clock.wall();
  const item = (entry: Entry): Buffer | string => {
    if (as === undefined) return bytesInVersion(served, entry);
    return as === 'Table' ? entryRow(served, entry, style, now) : partialEntry(served, entry, metaVersion);
  };
  const items = new Array<Buffer | string>(entries.length);
  const collecting = inSlices(clock, as === 'Table' ? rowsOf(served, entries) : entries, (entry, i) => {
    items[i] = item(entry);
  });
  const list = (): JsonList => ({ head: headOf(served, metadata, style), items });
  return collecting ? collecting.then(list) : list();
}

function rowsOf({ rules: { rowOrder } }: Served, entries: readonly Entry[]): readonly Entry[] {
  return rowOrder ? entries.toSorted((a, b) => rowOrder(a.object, b.object)) : entries;
}

function headOf(served: Served, metadata: ListMeta, { format: { as, metaVersion } }: BodyStyle): string {
  if (as === 'Table') return tableHead(metaVersion, metadata, columnDefinitions(served));
  const [kind, apiVersion] = as ? [as, metaVersion] : [served.listKind, served.apiVersion];
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`;
}

const comma = 0x2c;

/** The list in one piece. Of kept bytes one copy is made, and nothing is encoded. */
export function joined({ head, items }: JsonList, allocate: (size: number) => Buffer): Buffer | string {
  if (items.length === 0 || typeof items[0] === 'string') return `${head}${items.join(',')}${listTail}`;
  const parts = items as readonly Buffer[];
  let length = Buffer.byteLength(head) + listTail.length + parts.length - 1;
  for (const part of parts) length += part.length;
  const body = allocate(length);
  let at = body.write(head, 0);
  for (let i = 0; i < parts.length; i++) {
    if (i > 0) body[at++] = comma;
    body.set(parts[i]!, at);
    at += parts[i]!.length;
  }
  body.write(listTail, at);
  return body;
}
