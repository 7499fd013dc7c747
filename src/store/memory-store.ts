import { type Clock, SystemClock } from '../base/clock.ts';
import { type Ids, SystemIds } from '../base/ids.ts';
import { type Logger, silentLogger } from '../base/log.ts';
import { MemoryLog } from './memory-log.ts';
import { RevisionStore } from './revision-store.ts';
import { plainCodec } from './row-codec.ts';
import type { RevisionStoreOptions } from './store-options.ts';

export interface MemoryStoreOptions extends Pick<RevisionStoreOptions, 'history' | 'cache' | 'onCommit'> {
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly logger?: Logger;
}

/** A store that lives as long as the process: tests and throw-away clusters. */
export function createMemoryStore(options: MemoryStoreOptions = {}): RevisionStore {
  return new RevisionStore({
    ...options,
    log: new MemoryLog(),
    codec: plainCodec,
    clock: options.clock ?? new SystemClock(),
    ids: options.ids ?? new SystemIds(),
    logger: options.logger ?? silentLogger,
  });
}
