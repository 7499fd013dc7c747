/** What a row says about its key. */
export const rowType = { create: 0, update: 1, delete: 2 } as const;
export type RowType = (typeof rowType)[keyof typeof rowType];

/** One write. The revision is the row's id. */
export interface Row {
  readonly revision: number;
  /** The revision of the version this row replaces; 0 for a create. Compaction needs no index because of it. */
  readonly previous: number;
  readonly type: RowType;
  /** Wall time of acceptance, milliseconds. */
  readonly time: number;
  /** `resource/namespace/name`. */
  readonly key: string;
  /** Storage JSON. Absent for a tombstone without a last state of its own. */
  readonly value: Buffer | undefined;
}

/** A row without its value. */
export interface RowHead {
  readonly revision: number;
  readonly previous: number;
  readonly type: RowType;
  readonly time: number;
  readonly key: string;
  /** Bytes of the stored value; 0 where there is none. */
  readonly size: number;
}

/** An index checkpoint: the state of the index at `revision`, in the store's own encoding. */
export interface Checkpoint {
  readonly revision: number;
  readonly data: Buffer;
}

/**
 * The durable half of a store: rows in revision order, each batch all or nothing. The index, the heads and the watchers
 * live above it, in `RevisionStore`, so that every driver behaves the same.
 */
export interface Log {
  /** Whether `read` finds the value of any row that was not compacted. Where not, the store keeps all bytes in memory. */
  readonly readable: boolean;
  /** Superseded rows at or below this revision are gone. */
  readonly retained: number;
  /** Resolves when every row is durable; rejects when none is (or none will be, after `recover`). One call at a time. */
  append(batch: readonly Row[]): Promise<void>;
  /** After a failed append: proves that writing works again and removes whatever lies above `committed`. */
  recover(committed: number): Promise<void>;
  /** The stored checkpoint, if any; read at open only. */
  checkpoint(): Checkpoint | undefined;
  /** Visits every row after `revision`, oldest first; at open only. */
  scan(revision: number, visit: (row: RowHead) => void): void;
  /** The value of one row; undefined when it has none or was compacted. */
  read(revision: number): Buffer | undefined;
  /** Replaces the checkpoint. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** Forgets versions that were superseded, and tombstones written, at or below `revision`. */
  compact(revision: number): Promise<void>;
  /** Checks the file from end to end, in the background; resolves with what is wrong with it, if anything. */
  check(): Promise<string | undefined>;
  close(): Promise<void>;
}
