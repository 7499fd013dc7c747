import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** One measured figure. `value` is what is compared; p50 and p99 are in `spread` units (milliseconds) where they apply. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly n: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly runs?: readonly number[];
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

/** Prints one figure as one line of JSON, with the machine, its load average and the commit it was taken on. */
export function record(figure: Figure): Figure {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'cpu'}`;
  const load = Number(loadavg()[0]!.toFixed(2));
  console.log(JSON.stringify({ ...figure, value: round(figure.value), load, machine, commit: commit() }));
  return figure;
}

const round = (x: number) => (Math.abs(x) >= 100 ? Math.round(x) : Math.round(x * 1000) / 1000);

/** The `share` quantile (0 to 1) of a list. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);
