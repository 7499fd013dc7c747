import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Command } from '../command.ts';
import { existingFolder } from '../data-folder.ts';

/** How often a followed log is looked at, in milliseconds. */
const interval = 200;

export const logsCommand: Command = {
  name: 'logs',
  summary: "prints the server's own log",
  takesName: true,
  options: [
    ['-f, --follow', 'go on printing what is added'],
    ['-n, --lines <number>', 'how many of the last lines to print (100)'],
  ],
  async run({ world, name, options, format }) {
    const folder = existingFolder(world.env, name);
    const show = (line: string) => world.out.write(`${format === 'json' ? line : readable(line)}\n`);
    for (const line of folder.logTail(Number(options['lines'] ?? 100))) show(line);
    if (!options['follow']) return 0;
    const file = openSync(folder.log, 'r');
    try {
      const buffer = Buffer.alloc(64 * 1024);
      let rest = '';
      let position = fstatSync(file).size;
      while (!world.out.destroyed) {
        const count = readSync(file, buffer, 0, buffer.length, position);
        position += count;
        const lines = (rest + buffer.toString('utf8', 0, count)).split('\n');
        rest = lines.pop()!;
        lines.forEach(show);
        if (count === 0) await world.clock.sleep(interval);
      }
      return 0;
    } finally {
      closeSync(file);
    }
  },
};

/** A JSON line as "time LEVEL message key=value"; other lines (crashes) as they are. */
function readable(line: string): string {
  try {
    const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const rest = Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return [
      time ?? '',
      String(level ?? 'info')
        .toUpperCase()
        .padEnd(5),
      msg,
      ...rest,
    ]
      .join(' ')
      .trim();
  } catch {
    // Not one of ours: what Node.js itself says, for one.
    return line;
  }
}
