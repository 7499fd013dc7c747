import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** One measured figure. `value` is what is compared: with `runs`, their median. p50 and p99 are milliseconds. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly n: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly runs?: readonly number[];
}

/** A figure as it is printed: with the machine, and how busy it was before the figure began. */
export interface Recorded extends Figure {
  readonly load: number;
  readonly noisy?: true;
  readonly machine: string;
  readonly commit: string;
}

/** Above this load average a figure says more about the neighbours than about krill. */
const quiet = 1;

let load = loadavg()[0]!;

/**
 * Waits for the machine to calm down (our own last figure made it busy too), but not for ever, and takes the load
 * average that the figures recorded from now on carry.
 */
export async function settle(patience: number): Promise<void> {
  const end = performance.now() + patience;
  while (loadavg()[0]! > quiet && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1000));
  load = loadavg()[0]!;
}

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'cpu'}`;
const commit = git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

/** Prints one figure as one line of JSON. */
export function record(figure: Figure): Recorded {
  const recorded: Recorded = {
    ...figure,
    value: round(figure.value),
    ...(figure.p50 !== undefined && { p50: round(figure.p50) }),
    ...(figure.p99 !== undefined && { p99: round(figure.p99) }),
    ...(figure.runs && { runs: figure.runs.map(round) }),
    load: round(load),
    ...(load > quiet && { noisy: true }),
    machine,
    commit,
  };
  console.log(JSON.stringify(recorded));
  return recorded;
}

/** Records the median of several runs of one figure. */
export function recordMedian(name: string, unit: string, runs: readonly number[]): Recorded {
  return record({ name, value: median(runs), unit, n: runs.length, runs });
}

const round = (x: number) => (Math.abs(x) >= 100 ? Math.round(x) : Math.round(x * 1000) / 1000);

/** The `share` quantile (0 to 1) of a list. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);
