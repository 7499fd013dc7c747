import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { StartCluster } from '../cluster/contract.ts';
import type { RemoveOptions } from '../cluster/remove.ts';

/** A stream a command prints to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Whether whoever reads it has gone away. */
  readonly destroyed?: boolean | undefined;
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
  /** The part of the program that runs clusters is most of it, and loaded only by what needs it. */
  loadStart(): Promise<{ readonly startCluster: StartCluster }>;
  loadRemove(): Promise<{ readonly removeCluster: (options: RemoveOptions) => Promise<void> }>;
}
