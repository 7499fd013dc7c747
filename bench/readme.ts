import { readFileSync, writeFileSync } from 'node:fs';
import { goals, show } from './goals.ts';
import type { Recorded } from './record.ts';

/** What a figure says to somebody who has not read bench/. */
const meanings: Readonly<Record<string, string>> = {
  'start.simulated.first-write': 'start to the first accepted write, simulated node',
  'start.docker.first-write': 'start to the first accepted write, Docker node',
  'start.docker.node-ready': 'start to the Docker node Ready',
  'start.docker.first-import': 'the same, with the node image still to be imported',
  'pod.server': 'a Docker pod, from its POST to Ready',
  'pod.kubectl': 'the same by `kubectl apply` and `kubectl wait`',
  'pods.ten': 'a Deployment of ten Docker pods, all Ready',
  'create.h1.c16': 'durable creates, 16 HTTP/1.1 connections',
  'create.h2.c16': 'durable creates, 16 HTTP/2 connections',
  'get.h1.c16': 'gets, 16 HTTP/1.1 connections',
  'get.h2.c16': 'gets, 16 HTTP/2 connections',
  'get.h2.c1x16': 'gets, 16 streams on one HTTP/2 connection',
  'list500.h1.c4': 'lists of 500 ConfigMaps, 4 connections',
  'loop.create': 'event-loop delay p99 under creates, every fsync 3 ms slower',
  'scale.nodes.1000': 'start until 1,000 simulated nodes are Ready',
  'scale.nodes.5000': 'start until 5,000 simulated nodes are Ready',
  'scale.deployment.5000': 'a Deployment of 5,000 pods on 500 simulated nodes, all ready',
  'scale.namespace.1000': 'a namespace of 1,000 objects, from its DELETE until it is gone',
  'scale.namespace.empty': 'an empty one',
  'scale.idle.cpu': 'CPU of the idle server with 1,000 simulated nodes and 10,000 pods',
  'schedule.basic.bound': '10,000 pods created and bound, 5,000 nodes',
  'schedule.affinity': 'pods with required affinity placed, 5,000 nodes',
  'schedule.anti-affinity': 'pods with required anti-affinity placed, 5,000 nodes',
  'schedule.spreading': 'pods with a topology spread constraint placed, 5,000 nodes',
  'idle.memory': 'memory of the idle server (PSS)',
  'idle.resident': 'the same with all pages that other Node programs share (RSS)',
  'idle.cpu': 'CPU of the idle server with one Docker node',
};

const place = /(<!-- figures -->\n)[\s\S]*?(<!-- \/figures -->)/;

function rows(figures: readonly Recorded[]): string[] {
  return figures
    .filter(({ name }) => name in meanings)
    .map(({ name, value, unit, load, noisy, runs = [value] }) => {
      const goal = goals[name];
      const cells = [
        meanings[name]!,
        `${show(value)} ${unit.replace(/ \(.SS\)/, '')}`,
        `${show(Math.min(...runs))} – ${show(Math.max(...runs))}`,
        goal ? `${goal.better === 'lower' ? '<' : '>'} ${goal.least}` : '',
        `${load.toFixed(2)}${noisy ? ' (noisy)' : ''}`,
      ];
      return `| ${cells.join(' | ')} |`;
    });
}

/** Writes a run's figures into the marked place of the README: `npm run bench --silent >run; node bench/readme.ts run`. */
function writeReadme(run: string): void {
  const figures: Recorded[] = readFileSync(run, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const path = new URL('../README.md', import.meta.url);
  const readme = readFileSync(path, 'utf8');
  if (!place.test(readme)) throw new Error('README.md has no place for figures');
  const { machine } = figures[0]!;
  const commits = [...new Set(figures.map(({ commit }) => commit))].join(', ');
  const table = [
    '| figure | median of five | least – most | asked | load before |',
    '|---|---|---|---|---|',
    ...rows(figures),
    '',
    `Measured by \`npm run bench\` at ${commits} on ${machine}; the load generator runs on the same cores. A noisy figure was taken while others used the machine.`,
  ];
  writeFileSync(
    path,
    readme.replace(place, (_, begin: string, end: string) => `${begin}${table.join('\n')}\n${end}`),
  );
}

writeReadme(process.argv[2] ?? '/dev/stdin');
