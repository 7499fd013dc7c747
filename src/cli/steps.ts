import { styleText } from 'node:util';
import type { Output } from './world.ts';

/** Shows the steps of a start as they end: with marks on a terminal, as plain lines elsewhere. */
export class StepList {
  readonly #out: Output;
  readonly #fancy: boolean;

  constructor(out: Output, env: Readonly<Record<string, string | undefined>>) {
    this.#out = out;
    this.#fancy = out.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  }

  /** One step that has ended; `at` is when, in milliseconds since the command began. */
  done(name: string, at: number): void {
    const time = `${(at / 1000).toFixed(2)} s`;
    if (this.#fancy) {
      // Styled for the terminal it goes to, whatever process.stdout is.
      const style = { validateStream: false } as const;
      this.#out.write(` ${styleText('green', '✓', style)} ${name.padEnd(36)} ${styleText('dim', time, style)}\n`);
    } else this.#out.write(`${name} (${time})\n`);
  }

  /** A remark between the steps. */
  note(text: string): void {
    this.#out.write(this.#fancy ? `   ${text}\n` : `${text}\n`);
  }
}
