import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { apiFigures } from './api.ts';
import { startMeasured } from './cluster.ts';
import { idleFigures } from './idle.ts';
import { podAtServer, podByKubectl, tenPods } from './pods.ts';
import { type Figure, record } from './record.ts';
import { startFigures } from './start.ts';
import { targetOfUrl } from './target.ts';

/** The least accepted, by figure: what the issue asks, and which way is better. */
const goals: Readonly<Record<string, { readonly least: number; readonly higherIsBetter: boolean }>> = {
  'start.docker.first-write': { least: 300, higherIsBetter: false },
  'start.docker.node-ready': { least: 800, higherIsBetter: false },
  'start.simulated.first-write': { least: 300, higherIsBetter: false },
  'pod.server': { least: 320, higherIsBetter: false },
  'pod.kubectl': { least: 450, higherIsBetter: false },
  'pods.ten': { least: 3000, higherIsBetter: false },
  'create.h1.c16': { least: 5000, higherIsBetter: true },
  'create.h2.c16': { least: 4000, higherIsBetter: true },
  'get.h1.c16': { least: 20_000, higherIsBetter: true },
  'get.h2.c16': { least: 12_000, higherIsBetter: true },
  'get.h2.c1x16': { least: 15_000, higherIsBetter: true },
  'list500.h1.c4': { least: 600, higherIsBetter: true },
  'idle.memory': { least: 130, higherIsBetter: false },
  'idle.cpu': { least: 0.5, higherIsBetter: false },
};

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    token: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'start,api,pods,idle' },
  },
});
const parts = new Set(values.only.split(','));
const seconds = Number(values.seconds);
const docker = answers();
const figures: Figure[] = [];

if (parts.has('start')) {
  figures.push(...(await startFigures('simulated')));
  if (docker) figures.push(...(await startFigures('docker')));
}
if (parts.has('api')) {
  using cluster = await startMeasured(['--runtime', 'simulated', '--nodes', '1']);
  const own = await apiFigures(cluster.target, seconds);
  figures.push(...own);
  if (values.peer) {
    const peer = await apiFigures(targetOfUrl(values.peer, values.token ?? ''), seconds, 'peer.');
    for (const figure of own) {
      const other = peer.find((p) => p.name === `peer.${figure.name}`);
      if (other)
        figures.push(record({ name: `ratio.${figure.name}`, value: figure.value / other.value, unit: 'x', n: 1 }));
    }
  }
}
if (docker && (parts.has('pods') || parts.has('idle'))) {
  using cluster = await startMeasured(['--runtime', 'docker', '--nodes', '1']);
  if (parts.has('idle')) figures.push(...(await idleFigures(cluster.pid())));
  if (parts.has('pods')) figures.push(await podAtServer(cluster), podByKubectl(cluster), await tenPods(cluster));
}

table(figures);

function answers(): boolean {
  try {
    execFileSync('docker', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.error('No Docker engine answers: figures of Docker nodes are left out.');
    return false;
  }
}

/** The figures beside what was asked, for people. */
function table(rows: readonly Figure[]): void {
  const line = (...cells: string[]) =>
    console.error(cells.map((c, i) => (i === 0 ? c.padEnd(30) : c.padStart(14))).join(' '));
  line('figure', 'measured', 'least', 'holds', 'unit');
  for (const { name, value, unit } of rows) {
    const goal = goals[name];
    const holds =
      goal === undefined ? '' : (goal.higherIsBetter ? value >= goal.least : value <= goal.least) ? 'yes' : 'NO';
    line(
      name,
      value >= 100 ? String(Math.round(value)) : value.toFixed(2),
      goal ? String(goal.least) : '',
      holds,
      unit,
    );
  }
}
