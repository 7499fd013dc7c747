import type { Output } from './world.ts';

/** `-o` of every command. */
export type Format = 'text' | 'json';

/** Prints a value for programs. */
export function printJson(out: Output, value: unknown): void {
  out.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints columns under upper-case headings, as kubectl does. */
export function printTable(out: Output, headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [headings, ...rows]) {
    out.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('   ')
        .trimEnd()}\n`,
    );
  }
}

/** Prints "name  value" lines. */
export function printFields(out: Output, fields: readonly (readonly [string, string])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) out.write(`${name.padEnd(width)}   ${value}\n`);
}
