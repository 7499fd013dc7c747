import type { Format } from './output.ts';
import type { World } from './world.ts';

/** The value of one option or flag as commander gives it. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a command is called with. */
export interface Call {
  readonly world: World;
  readonly name: string;
  readonly options: OptionValues;
  readonly format: Format;
}

/** One command: a file in `commands`, a line in its list. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Whether it takes a cluster's NAME; `dev` unless given. */
  readonly takesName: boolean;
  readonly hidden?: boolean;
  /** commander's flags and a description each. */
  readonly options: readonly (readonly [flags: string, description: string])[];
  /** Loads and runs it; resolves with the exit code. */
  run(call: Call): Promise<number>;
}
