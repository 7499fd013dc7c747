import { Worker } from 'node:worker_threads';
import type { WorkerJob, WorkerReply } from './worker-messages.ts';

interface Outstanding {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The worker's code: its source when we run from source, else the file the build lays beside the bundle. */
const script = new URL(import.meta.url.endsWith('.ts') ? './store-worker.ts' : './store-worker.mjs', import.meta.url);

/** One worker thread and the requests it has not answered. Dies once; whoever needs another makes another. */
export class WorkerLink {
  /** Whether the worker has its connection open and takes requests. */
  ready = false;
  /** Why the worker is gone. */
  failure: Error | undefined;
  readonly #worker: Worker;
  readonly #outstanding = new Map<number, Outstanding>();
  #nextId = 1;

  constructor(path: string) {
    this.#worker = new Worker(script, {
      workerData: { path },
      name: 'krill-store',
      // Values live outside its heap.
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('error', (error: unknown) => this.#die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', (code) => this.#die(new Error(`the store's worker ended with code ${code}`)));
    // Only unanswered requests keep the process alive.
    this.#worker.unref();
  }

  /** Sends a job; `transfer` names the blocks that need not be copied. */
  request(job: WorkerJob, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.failure) return Promise.reject(this.failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#outstanding.size === 0) this.#worker.ref();
      this.#outstanding.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...job }, transfer);
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle({ id, result, error }: WorkerReply): void {
    if (id === 0) {
      this.ready = true;
      return;
    }
    const request = this.#outstanding.get(id);
    if (!request) return;
    this.#outstanding.delete(id);
    if (this.#outstanding.size === 0) this.#worker.unref();
    if (error) request.reject(Object.assign(new Error(error.message), { code: error.code }));
    else request.resolve(result);
  }

  #die(error: Error): void {
    this.failure ??= error;
    this.ready = false;
    const outstanding = [...this.#outstanding.values()];
    this.#outstanding.clear();
    for (const { reject } of outstanding) reject(this.failure);
  }
}
