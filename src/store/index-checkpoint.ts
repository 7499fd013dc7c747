import { deserialize, serialize } from 'node:v8';
import type { Mark } from './floors.ts';
import type { RowType } from './log.ts';
import { rowType } from './log.ts';
import type { ResourceTable } from './resource-table.ts';
import type { StoreKey } from './store.ts';
import type { Version } from './version.ts';

/** Raised whenever the encoding changes; an unknown one means reading the whole log instead. */
const format = 1;

interface EncodedTable {
  readonly resource: string;
  /** Namespace and name of each key, one after the other. */
  readonly keys: readonly string[];
  /** The version of each key at the floor; 0 for none. */
  readonly revisions: Float64Array;
  readonly sizes: Uint32Array;
}

interface EncodedIndex {
  readonly format: number;
  readonly floor: number;
  readonly tables: readonly EncodedTable[];
  /** The changes above the floor in revision order: position of the key over all tables, type and size. */
  readonly steps: {
    readonly revisions: Float64Array;
    readonly keys: Uint32Array;
    readonly types: Uint8Array;
    readonly sizes: Uint32Array;
  };
  /** Wall time of marked revisions, with the bytes written since the mark before. */
  readonly marks: readonly { readonly revision: number; readonly time: number; readonly bytes: number }[];
}

/** An index as it was at a checkpoint. */
export interface DecodedIndex {
  readonly floor: number;
  /** Replays the index: first what held at the floor, then the changes since. */
  restore(
    add: (key: StoreKey, revision: number, type: RowType, size: number, historic: boolean) => void,
    note: (revision: number, time: number, bytes: number) => void,
  ): void;
}

/** Bytes the row of a version holds itself. */
function storedSize(version: Version): number {
  return version.ended ? 0 : version.size;
}

/** The index at the newest committed revision. `offset` is wall minus steady time. */
export function encodeIndex(
  tables: Iterable<ResourceTable>,
  floor: number,
  marks: readonly Mark[],
  offset: number,
): Buffer {
  const encoded: EncodedTable[] = [];
  const changes: { version: Version; key: number }[] = [];
  let first = 0;
  for (const table of tables) {
    const positions = new Map<StoreKey, number>();
    const keys: string[] = [];
    const revisions: number[] = [];
    const sizes: number[] = [];
    for (const chain of table.chains()) {
      const base = chain.older?.[0] ?? chain.newest;
      if (!base) continue;
      positions.set(chain.key, first + revisions.length);
      keys.push(chain.key.namespace, chain.key.name);
      const known = base.revision <= floor && !base.deleted;
      revisions.push(known ? base.revision : 0);
      sizes.push(known ? storedSize(base) : 0);
    }
    for (const { entry } of table.steps()) changes.push({ version: entry, key: positions.get(entry.key)! });
    first += revisions.length;
    encoded.push({
      resource: table.resource,
      keys,
      revisions: Float64Array.from(revisions),
      sizes: Uint32Array.from(sizes),
    });
  }
  changes.sort((a, b) => a.version.revision - b.version.revision);
  const index: EncodedIndex = {
    format,
    floor,
    tables: encoded,
    steps: {
      revisions: Float64Array.from(changes, ({ version }) => version.revision),
      keys: Uint32Array.from(changes, ({ key }) => key),
      types: Uint8Array.from(changes, ({ version }) => version.type),
      sizes: Uint32Array.from(changes, ({ version }) => storedSize(version)),
    },
    marks: marks.map((mark, at) => ({
      revision: mark.revision,
      time: mark.at + offset,
      bytes: mark.bytes - (marks[at - 1]?.bytes ?? 0),
    })),
  };
  return serialize(index);
}

/** Reads a checkpoint; undefined when it is of another format. */
export function decodeIndex(data: Buffer): DecodedIndex | undefined {
  let index: EncodedIndex;
  try {
    index = deserialize(data) as EncodedIndex;
  } catch {
    return undefined;
  }
  if (index.format !== format) return undefined;
  return {
    floor: index.floor,
    restore(add, note) {
      const keys: StoreKey[] = [];
      for (const table of index.tables) {
        for (let at = 0; at < table.revisions.length; at++) {
          const key = { resource: table.resource, namespace: table.keys[2 * at]!, name: table.keys[2 * at + 1]! };
          keys.push(key);
          if (table.revisions[at]! > 0) add(key, table.revisions[at]!, rowType.create, table.sizes[at]!, false);
        }
      }
      const { revisions, types, sizes, keys: positions } = index.steps;
      for (let i = 0; i < revisions.length; i++) {
        add(keys[positions[i]!]!, revisions[i]!, types[i]! as RowType, sizes[i]!, true);
      }
      for (const mark of index.marks) note(mark.revision, mark.time, mark.bytes);
    },
  };
}
