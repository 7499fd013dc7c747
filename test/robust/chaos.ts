/**
 * Edits many workloads on simulated nodes at random while nodes go and the server, with scheduler and controllers, is
 * killed; then checks that all comes to rest: no orphan, no double owner, counts exact.
 *
 *   npm run chaos                        # 1,000 Deployments and 100 StatefulSets for 10 minutes
 *   npm run chaos -- --minutes 1 --deployments 100 --statefulsets 10 --nodes 20
 *
 * Prints one line of JSON; the exit code is the verdict.
 */
import { parseArgs } from 'node:util';
import { targetOfKubeconfig } from '../../bench/target.ts';
import { SeededIds } from '../../src/base/ids.ts';
import { installation } from '../kit/krill.ts';
import { chaos } from './chaos/run.ts';
import { agent } from './http.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    deployments: { type: 'string', default: '1000' },
    statefulsets: { type: 'string', default: '100' },
    nodes: { type: 'string', default: '100' },
    rate: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});

await using installed = installation();
await installed.must('up', 'chaos', '--runtime', 'simulated', '--nodes', values.nodes!);
const result = await chaos({
  target: targetOfKubeconfig(installed.kubeconfig),
  field: {
    deployments: Number(values.deployments),
    statefulSets: Number(values.statefulsets),
    namespaces: 10,
    maxReplicas: 6,
  },
  dice: new SeededIds(Number(values.seed)),
  length: Number(values.minutes) * 60_000,
  rate: Number(values.rate),
  // Seldom enough for the pods of a node that has gone to be given up meanwhile.
  crashEvery: 75_000,
  nodeEvery: 10_000,
  patience: 30_000,
  crash: async () => {
    const { pid } = JSON.parse(await installed.must('status', 'chaos', '-o', 'json')) as { pid: number };
    process.kill(pid, 'SIGKILL');
  },
  log: (line) => console.error(line),
});
const verdict = result.findings.length === 0 ? 'pass' : 'fail';
for (const finding of result.findings.slice(0, 50)) console.error(finding);
console.log(JSON.stringify({ name: 'robust.chaos', ...values, ...result, findings: result.findings.length, verdict }));
process.exitCode = verdict === 'pass' ? 0 : 1;
agent.destroy();
