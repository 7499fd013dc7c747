import { readFileSync } from 'node:fs';
import { type Figure, record } from './record.ts';

/** Clock ticks a second, as Linux counts them in /proc. */
const ticks = 100;

function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks;
}

function pssMegabytes(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

/** Memory and CPU of a server nobody talks to, after it has settled. */
export async function idleFigures(pid: number, seconds = 60, label = ''): Promise<Figure[]> {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const before = cpuMilliseconds(pid);
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const share = (100 * (cpuMilliseconds(pid) - before)) / (performance.now() - begun);
  return [
    record({ name: `idle.cpu${label}`, value: share, unit: '% of a core', n: 1 }),
    record({ name: `idle.memory${label}`, value: pssMegabytes(pid), unit: 'MB (PSS)', n: 1 }),
  ];
}
