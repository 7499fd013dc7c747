import { deserialize, serialize } from 'node:v8';
import type { Mark } from './floors.ts';
import type { Chain } from './key-index.ts';
import { type RowType, rowType } from './log.ts';
import type { ResourceTable } from './resource-table.ts';
import type { StoreKey } from './store.ts';
import type { Version } from './version.ts';

/** Raised whenever the encoding changes; an unknown one means reading the whole log instead. */
const format = 2;

/** So many keys or changes are encoded at a time: a millisecond or two. */
const chunkLength = 4096;

interface Header {
  readonly kind: 'header';
  readonly format: number;
  readonly floor: number;
  /** Wall time of marked revisions, with the bytes written since the mark before. */
  readonly marks: readonly { readonly revision: number; readonly time: number; readonly bytes: number }[];
}

/** Keys of one resource with the version each had at the floor. */
interface Keys {
  readonly kind: 'keys';
  readonly resource: string;
  /** Namespace and name of each key, one after the other. */
  readonly names: readonly string[];
  /** 0 where the key did not live at the floor. */
  readonly revisions: Float64Array;
  readonly sizes: Uint32Array;
}

/** Changes above the floor of one resource, in order. Keys are counted from 0 through all chunks. */
interface Steps {
  readonly kind: 'steps';
  readonly revisions: Float64Array;
  readonly keys: Uint32Array;
  readonly types: Uint8Array;
  readonly sizes: Uint32Array;
}

type Chunk = Header | Keys | Steps;

/** What there is to encode. While it is being encoded the floor must stay where it is; writes may go on. */
export interface IndexState {
  readonly tables: readonly ResourceTable[];
  readonly floor: number;
  /** Changes above this revision are left out: the log has them. */
  readonly revision: number;
  readonly marks: readonly Mark[];
  /** Wall minus steady time. */
  readonly offset: number;
}

/** Bytes the row of a version holds itself. */
function storedSize(version: Version): number {
  return version.ended ? 0 : version.size;
}

/** Encodes the index, a chunk at a time; `pause` lets others go between them. */
export async function encodeIndex(state: IndexState, pause: () => Promise<void>): Promise<Buffer> {
  const parts: Buffer[] = [];
  const write = (chunk: Chunk) => {
    const bytes = serialize(chunk);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
    return pause();
  };
  await write(header(state));
  let first = 0;
  for (const table of state.tables) {
    const steps = table.steps().filter(({ entry }) => entry.revision <= state.revision);
    const chains = [...table.chains()].filter(({ newest }) => newest !== undefined);
    const positions = new Map<StoreKey, number>();
    for (let at = 0; at < chains.length; at += chunkLength) {
      const slice = chains.slice(at, at + chunkLength);
      slice.forEach(({ key }, i) => void positions.set(key, first + at + i));
      await write(keysOf(table.resource, slice, state.floor));
    }
    for (let at = 0; at < steps.length; at += chunkLength) {
      const versions = steps.slice(at, at + chunkLength).map(({ entry }) => entry);
      await write(stepsOf(versions, positions));
    }
    first += chains.length;
  }
  return Buffer.concat(parts);
}

function header({ floor, marks, offset }: IndexState): Header {
  return {
    kind: 'header',
    format,
    floor,
    marks: marks.map((mark, at) => ({
      revision: mark.revision,
      time: mark.at + offset,
      bytes: mark.bytes - (marks[at - 1]?.bytes ?? 0),
    })),
  };
}

function keysOf(resource: string, chains: readonly Chain[], floor: number): Keys {
  const revisions = new Float64Array(chains.length);
  const sizes = new Uint32Array(chains.length);
  const names: string[] = [];
  chains.forEach((chain, i) => {
    names.push(chain.key.namespace, chain.key.name);
    const base = chain.older?.[0] ?? chain.newest!;
    if (base.revision > floor || base.deleted) return;
    revisions[i] = base.revision;
    sizes[i] = storedSize(base);
  });
  return { kind: 'keys', resource, names, revisions, sizes };
}

function stepsOf(versions: readonly Version[], positions: ReadonlyMap<StoreKey, number>): Steps {
  return {
    kind: 'steps',
    revisions: Float64Array.from(versions, ({ revision }) => revision),
    keys: Uint32Array.from(versions, ({ key }) => positions.get(key)!),
    types: Uint8Array.from(versions, ({ type }) => type),
    sizes: Uint32Array.from(versions, storedSize),
  };
}

/** Takes an index back, version by version, those of one key in their order. */
export interface IndexReader {
  add(key: StoreKey, revision: number, type: RowType, size: number, historic: boolean): void;
  note(revision: number, time: number, bytes: number): void;
}

/** Checks that a checkpoint can be read; undefined when it is of another format or damaged. */
export function decodeIndex(data: Buffer): { floor: number; restore(reader: IndexReader): void } | undefined {
  let chunks: Chunk[];
  try {
    chunks = [...chunksOf(data)];
  } catch {
    // Cut off or altered: the index is made from the log.
    return undefined;
  }
  const head = chunks[0];
  if (head?.kind !== 'header' || head.format !== format) return undefined;
  return { floor: head.floor, restore: (reader) => restore(chunks, reader) };
}

function* chunksOf(data: Buffer): Generator<Chunk> {
  for (let at = 0; at < data.length; ) {
    const end = at + 4 + data.readUInt32LE(at);
    yield deserialize(data.subarray(at + 4, end)) as Chunk;
    at = end;
  }
}

function restore(chunks: readonly Chunk[], reader: IndexReader): void {
  const keys: StoreKey[] = [];
  for (const chunk of chunks) {
    if (chunk.kind === 'header') {
      for (const mark of chunk.marks) reader.note(mark.revision, mark.time, mark.bytes);
    } else if (chunk.kind === 'keys') {
      const { resource, names, revisions, sizes } = chunk;
      for (let i = 0; i < revisions.length; i++) {
        const key = { resource, namespace: names[2 * i]!, name: names[2 * i + 1]! };
        keys.push(key);
        if (revisions[i]! > 0) reader.add(key, revisions[i]!, rowType.create, sizes[i]!, false);
      }
    } else {
      const { revisions, types, sizes } = chunk;
      for (let i = 0; i < revisions.length; i++) {
        reader.add(keys[chunk.keys[i]!]!, revisions[i]!, types[i]! as RowType, sizes[i]!, true);
      }
    }
  }
}
