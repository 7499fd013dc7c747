import type { Checkpoint, Log } from './log.ts';

/** A log that forgets: the store above keeps every value it still needs. */
export class MemoryLog implements Log {
  readonly readable = false;
  retained = 0;

  async append(): Promise<void> {}

  async recover(): Promise<void> {}

  checkpoint(): Checkpoint | undefined {
    return undefined;
  }

  scan(): void {}

  read(): Buffer | undefined {
    return undefined;
  }

  async saveCheckpoint(): Promise<void> {}

  async compact(revision: number): Promise<void> {
    this.retained = Math.max(this.retained, revision);
  }

  async check(): Promise<string | undefined> {
    return undefined;
  }

  async close(): Promise<void> {}
}
