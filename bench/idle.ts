import { readFileSync } from 'node:fs';
import { type Recorded, recordMedian } from './record.ts';

/** Clock ticks a second, as Linux counts them in /proc. */
const ticks = 100;

export function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks;
}

export function megabytes(pid: number, kind: 'Pss' | 'Rss'): number {
  const match = new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Memory and CPU of a server nobody talks to, after it has settled: five stretches of `seconds`. */
export async function idleFigures(pid: number, seconds = 12, runs = 5): Promise<Recorded[]> {
  await pause(10_000);
  const shares: number[] = [];
  const proportional: number[] = [];
  const resident: number[] = [];
  for (let i = 0; i < runs; i++) {
    const before = cpuMilliseconds(pid);
    const begun = performance.now();
    await pause(seconds * 1000);
    shares.push((100 * (cpuMilliseconds(pid) - before)) / (performance.now() - begun));
    proportional.push(megabytes(pid, 'Pss'));
    resident.push(megabytes(pid, 'Rss'));
  }
  return [
    recordMedian('idle.cpu', '% of a core', shares),
    recordMedian('idle.memory', 'MB (PSS)', proportional),
    // Where other Node programs run, PSS takes part of the program's own pages off; this one never does.
    recordMedian('idle.resident', 'MB (RSS)', resident),
  ];
}
