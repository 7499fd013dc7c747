import type { Recorded } from './record.ts';

/** The least accepted, by figure: what the issue asks, and which way is better. */
export const goals: Readonly<Record<string, { readonly least: number; readonly better: 'lower' | 'higher' }>> = {
  'start.docker.first-write': { least: 300, better: 'lower' },
  'start.docker.node-ready': { least: 800, better: 'lower' },
  'start.docker.first-import': { least: 3000, better: 'lower' },
  'start.simulated.first-write': { least: 300, better: 'lower' },
  'pod.server': { least: 320, better: 'lower' },
  'pod.kubectl': { least: 450, better: 'lower' },
  'pods.ten': { least: 3000, better: 'lower' },
  'create.h1.c16': { least: 5000, better: 'higher' },
  'create.h2.c16': { least: 4000, better: 'higher' },
  'get.h1.c16': { least: 20_000, better: 'higher' },
  // The goals in requests were set on a machine whose bare node:https server answers 34,000 a second.
  'share.create.h1.c16': { least: 0.147, better: 'higher' },
  'share.get.h1.c16': { least: 0.588, better: 'higher' },
  'get.h2.c16': { least: 12_000, better: 'higher' },
  'get.h2.c1x16': { least: 15_000, better: 'higher' },
  'list500.h1.c4': { least: 600, better: 'higher' },
  'cost.patch.json': { least: 1.5, better: 'lower' },
  'cost.patch.merge': { least: 1.5, better: 'lower' },
  'cost.patch.strategic': { least: 1.5, better: 'lower' },
  'cost.apply': { least: 1.5, better: 'lower' },
  'cost.create.custom': { least: 1.5, better: 'lower' },
  'cost.create.crd': { least: 1.5, better: 'lower' },
  'list.15000': { least: 0.1, better: 'lower' },
  'list.15000.protobuf': { least: 0.1, better: 'lower' },
  'memory.10000': { least: 40, better: 'lower' },
  'kubectl.cold-cache': { least: 40, better: 'lower' },
  'loop.create': { least: 5, better: 'lower' },
  'scale.nodes.1000': { least: 2, better: 'lower' },
  'scale.nodes.5000': { least: 5, better: 'lower' },
  'scale.deployment.5000': { least: 6, better: 'lower' },
  'scale.namespace.1000': { least: 300, better: 'lower' },
  'scale.namespace.empty': { least: 25, better: 'lower' },
  'scale.pods.10000': { least: 15, better: 'lower' },
  'scale.idle.cpu': { least: 2, better: 'lower' },
  'schedule.basic': { least: 6800, better: 'higher' },
  'schedule.basic.bound': { least: 3000, better: 'higher' },
  'schedule.unschedulable': { least: 5900, better: 'higher' },
  'schedule.preemption': { least: 5700, better: 'higher' },
  'schedule.daemonset': { least: 11_000, better: 'higher' },
  'schedule.anti-affinity': { least: 600, better: 'higher' },
  'schedule.matching-anti-affinity': { least: 5950, better: 'higher' },
  'schedule.affinity': { least: 350, better: 'higher' },
  'schedule.preferred-affinity': { least: 900, better: 'higher' },
  'schedule.preferred-anti-affinity': { least: 900, better: 'higher' },
  'schedule.anti-affinity.ns-selector': { least: 240, better: 'higher' },
  'schedule.preferred-anti-affinity.ns-selector': { least: 550, better: 'higher' },
  'schedule.node-affinity': { least: 2200, better: 'higher' },
  'schedule.mixed': { least: 1400, better: 'higher' },
  'schedule.spreading': { least: 4600, better: 'higher' },
  'schedule.preferred-spreading': { least: 3400, better: 'higher' },
  'schedule.default-spreading': { least: 1600, better: 'higher' },
  'schedule.node-inclusion': { least: 2700, better: 'higher' },
  'idle.memory': { least: 130, better: 'lower' },
  'idle.cpu': { least: 0.5, better: 'lower' },
};

function holds({ name, value }: Recorded): string {
  const goal = goals[name];
  if (!goal) return '';
  return (goal.better === 'higher' ? value >= goal.least : value <= goal.least) ? 'yes' : 'NO';
}

export const show = (value: number) => (value >= 100 ? String(Math.round(value)) : value.toFixed(2));

/** The figures beside what was asked, for people. */
export function printTable(figures: readonly Recorded[]): void {
  const line = (...cells: string[]) =>
    console.error(
      cells
        .map((c, i) => (i === 0 ? c.padEnd(30) : i > 5 ? `  ${c}` : c.padStart(11)))
        .join(' ')
        .trimEnd(),
    );
  line('figure', 'measured', 'least', 'holds', 'load', 'unit', 'runs');
  for (const figure of figures) {
    const { name, value, unit, load, noisy, runs } = figure;
    const goal = goals[name];
    line(
      name,
      show(value),
      goal ? `${goal.better === 'lower' ? '<' : '>'} ${goal.least}` : '',
      holds(figure),
      `${noisy ? 'noisy ' : ''}${load.toFixed(2)}`,
      unit,
      runs ? runs.map((run) => show(run)).join(' ') : '',
    );
  }
  if (figures.some((figure) => figure.noisy))
    console.error('noisy: the load average was above 1 before the figure began; it says little about krill.');
}
