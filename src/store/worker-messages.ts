import type { RowBatch } from './row-batch.ts';

/** What the main thread asks of the store's worker. */
export type WorkerRequest = { readonly id: number } & WorkerJob;

export type WorkerJob =
  | { readonly op: 'append'; readonly batch: RowBatch }
  | { readonly op: 'recover'; readonly committed: number }
  | { readonly op: 'saveCheckpoint'; readonly revision: number; readonly data: Uint8Array }
  | { readonly op: 'compact'; readonly retained: number; readonly target: number }
  | { readonly op: 'check' }
  | { readonly op: 'close' };

/** The answer to the request of the same id; id 0 says that the worker is up. */
export interface WorkerReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code: string };
}
