import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, SystemClock, type Timer } from '../base/clock.ts';
import { type Ids, SystemIds } from '../base/ids.ts';
import { type Logger, silentLogger } from '../base/log.ts';
import { lockFolder } from './folder-lock.ts';
import { RevisionStore } from './revision-store.ts';
import { SealingCodec } from './row-codec.ts';
import { loadKey } from './sealing-key.ts';
import { damaged, unusable } from './sqlite-file.ts';
import { SqliteLog } from './sqlite-log.ts';
import type { RevisionStoreOptions } from './store-options.ts';

export interface FileStoreOptions extends Pick<RevisionStoreOptions, 'history' | 'retention' | 'cache' | 'onCommit'> {
  /** The data folder; made with mode 0700 where there is none. */
  readonly folder: string;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly logger?: Logger;
  /** Resources whose values are encrypted in the file. */
  readonly encrypted?: readonly string[];
}

/** After an unclean stop the file is checked from end to end, but not while the cluster is starting. */
const checkDelay = 5000;

/**
 * Opens the store of a data folder and owns the folder until it is closed. Throws `StoreUnusable` when another process
 * owns it, or when the file is damaged or newer than this krill.
 */
export function openFileStore(options: FileStoreOptions): RevisionStore {
  const { folder } = options;
  const clock = options.clock ?? new SystemClock();
  const logger = options.logger ?? silentLogger;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(folder);
  const path = join(folder, 'store.db');
  let log: SqliteLog | undefined;
  let check: Timer | undefined;
  try {
    const key = loadKey(folder);
    log = new SqliteLog(path);
    const store = new RevisionStore({
      ...options,
      log,
      clock,
      ids: options.ids ?? new SystemIds(),
      logger,
      codec: new SealingCodec(key, new Set(options.encrypted ?? ['secrets'])),
      onClose: () => {
        check?.cancel();
        unlock();
      },
    });
    if (!log.clean) check = clock.after(checkDelay, checkFile(store, log, logger, path));
    return store;
  } catch (error) {
    // The worker of a log that could not be read must not outlive it; what went wrong is already known.
    log?.close().catch(() => undefined);
    unlock();
    throw unusable(path, error);
  }
}

function checkFile(store: RevisionStore, log: SqliteLog, logger: Logger, path: string): () => void {
  return () => {
    log.check().then(
      (finding) => {
        if (finding === undefined) return logger.info('The store was stopped uncleanly; its file is sound');
        const error = damaged(path, finding);
        logger.error('The store takes no writes: its file is damaged', { error });
        store.distrust(error);
      },
      (error) => logger.warn('The file of the store could not be checked', { error }),
    );
  };
}
