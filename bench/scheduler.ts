import { fileURLToPath } from 'node:url';
import type { Recorded } from './record.ts';
import { placingFigures } from './scheduler/placing.ts';

/** The workloads of upstream's scheduler_perf. */
export function schedulerFigures(only?: string): Recorded[] {
  return placingFigures(only);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) schedulerFigures(process.argv[2]);
