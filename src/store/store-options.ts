import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Reach } from './floors.ts';
import type { Log } from './log.ts';
import type { RowCodec } from './row-codec.ts';

export interface RevisionStoreOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly codec: RowCodec;
  /** What can be listed at and watched from. */
  readonly history?: Partial<Reach>;
  /** What snapshots and rewinds can reach in the file. */
  readonly retention?: Partial<Reach>;
  /** Bounds of the parsed values and of the JSON kept in memory, both in bytes of JSON. */
  readonly cache?: { readonly objects?: number; readonly bytes?: number };
  /** Runs after each batch that was committed. Must not throw. */
  readonly onCommit?: () => void;
  /** Runs when the log has been closed. */
  readonly onClose?: () => void;
}

/** The revision of a store that was never written: 0 means "any" in the API. */
export const firstRevision = 1;
const minute = 60_000;
const mebibyte = 1 << 20;
export const historyReach: Reach = { ms: 5 * minute, rows: 100_000, bytes: 64 * mebibyte };
export const retentionReach: Reach = { ms: 60 * minute, rows: Number.MAX_SAFE_INTEGER, bytes: 256 * mebibyte };
export const objectCacheBytes = 32 * mebibyte;
export const bytesCacheBytes = 256 * mebibyte;
/** Compacting the file is worth its while from this many rows on, or after this long. */
export const compactRows = 10_000;
/** After a kill the next start reads the log from the last checkpoint on: at most about so many rows. */
export const checkpointRows = 25_000;
export const compactEvery = 10 * minute;

/** Figures for /metrics and the tests. */
export interface StoreStats {
  readonly revision: number;
  readonly floor: number;
  readonly retained: number;
  readonly batches: number;
  readonly writes: number;
  readonly watchers: number;
  readonly readOnly: boolean;
}
