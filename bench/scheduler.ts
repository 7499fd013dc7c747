import { fileURLToPath } from 'node:url';
import type { Recorded } from './record.ts';
import { bindingFigure } from './scheduler/binding.ts';
import { placingFigures } from './scheduler/placing.ts';
import { preemptingFigure } from './scheduler/preempting.ts';

/** The workloads of upstream's scheduler_perf: placing and preempting alone, and SchedulingBasic with all that belongs to it. */
export async function schedulerFigures(only?: string): Promise<Recorded[]> {
  const figures = placingFigures(only);
  if (!only || only === 'preemption') figures.push(preemptingFigure(5000, 5000));
  if (!only || only === 'basic.bound') figures.push(await bindingFigure(5000, 1000, 10_000));
  return figures;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await schedulerFigures(process.argv[2]);
