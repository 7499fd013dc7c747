import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { StartCluster } from '../cluster/contract.ts';

/** A stream a command prints to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** The part of the program that runs clusters; loaded only by commands that need it, as it is most of the program. */
export interface ClusterModule {
  readonly startCluster: StartCluster;
  /** Removes what a cluster keeps outside its data folder (containers, networks, files on the engine's host). */
  readonly removeCluster: (options: RemoveOptions) => Promise<void>;
}

export interface RemoveOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly clock: Clock;
}

/** Everything a command may touch, so that a test can hand in another world. */
export interface World {
  readonly out: Output;
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** How this program is started again: the Node binary and its first arguments. */
  readonly program: readonly string[];
  loadCluster(): Promise<ClusterModule>;
}
