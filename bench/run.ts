import { parseArgs } from 'node:util';
import { apiFigures } from './api.ts';
import { type MeasuredCluster, startMeasured } from './cluster.ts';
import { engineAnswers, ensureTestImage } from './engine.ts';
import { printTable } from './goals.ts';
import { idleFigures } from './idle.ts';
import { loopFigures } from './loop.ts';
import { podAtServer, podByKubectl, tenPods } from './pods.ts';
import { type Recorded, settle } from './record.ts';
import { deploymentFigure, namespaceFigures, nodeFigure, restFigures } from './scale.ts';
import { firstImportFigures, startFigures } from './start.ts';
import { targetOfUrl } from './target.ts';
import { discoveryFigures, listFigures, memoryFigures, writeFigures } from './writes.ts';

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    token: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string' },
    patience: { type: 'string', default: '60' },
  },
});
const seconds = Number(values.seconds);
const peer = values.peer === undefined ? undefined : targetOfUrl(values.peer, values.token ?? '');

/** A cluster that is up, for what is measured after its start. */
async function running(runtime: string): Promise<MeasuredCluster> {
  const cluster = await startMeasured(['--runtime', runtime, '--nodes', '1']);
  await cluster.ready();
  return cluster;
}

interface Part {
  readonly name: string;
  readonly docker: boolean;
  readonly run: () => Promise<readonly (Recorded | undefined)[]>;
}

/** In this order: what needs a calm machine comes before what makes it busy. */
const parts: readonly Part[] = [
  { name: 'start', docker: false, run: () => startFigures('simulated') },
  { name: 'start', docker: true, run: () => startFigures('docker') },
  { name: 'import', docker: true, run: () => firstImportFigures() },
  {
    name: 'idle',
    docker: true,
    run: async () => {
      using cluster = await running('docker');
      return await idleFigures(cluster.pid());
    },
  },
  {
    name: 'pods',
    docker: true,
    run: async () => {
      ensureTestImage();
      using cluster = await running('docker');
      return [await podAtServer(cluster), podByKubectl(cluster), await tenPods(cluster)];
    },
  },
  {
    name: 'api',
    docker: false,
    run: async () => {
      using cluster = await running('simulated');
      return await apiFigures(cluster.target, seconds, peer);
    },
  },
  {
    name: 'writes',
    docker: false,
    run: async () => {
      using cluster = await running('simulated');
      return await writeFigures(cluster.target, seconds);
    },
  },
  {
    name: 'many',
    docker: false,
    run: async () => {
      using cluster = await running('simulated');
      return [...discoveryFigures(cluster), ...(await listFigures(cluster))];
    },
  },
  {
    name: 'memory',
    docker: false,
    run: async () => {
      using cluster = await running('simulated');
      return await memoryFigures(cluster);
    },
  },
  {
    name: 'loop',
    docker: false,
    run: async () => {
      using cluster = await running('simulated');
      return await loopFigures(cluster, seconds);
    },
  },
  { name: 'nodes', docker: false, run: async () => [await nodeFigure(1000), await nodeFigure(5000)] },
  { name: 'namespaces', docker: false, run: () => namespaceFigures() },
  { name: 'deployment', docker: false, run: async () => [await deploymentFigure()] },
  { name: 'rest', docker: false, run: () => restFigures() },
  { name: 'scheduler', docker: false, run: async () => (await import('./scheduler.ts')).schedulerFigures() },
];

const chosen = values.only?.split(',');
const unknown = chosen?.filter((name) => !parts.some((part) => part.name === name)) ?? [];
if (unknown.length > 0)
  throw new Error(`--only takes ${[...new Set(parts.map((part) => part.name))].join(', ')}; not ${unknown.join(', ')}`);

const docker = engineAnswers();
if (!docker) console.error('No Docker engine answers: the figures of Docker nodes are left out.');

const figures: Recorded[] = [];
for (const part of parts) {
  if ((part.docker && !docker) || (chosen && !chosen.includes(part.name))) continue;
  await settle(Number(values.patience) * 1000);
  figures.push(...(await part.run()).filter((figure) => figure !== undefined));
}
printTable(figures);
