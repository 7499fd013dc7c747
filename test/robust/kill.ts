/**
 * Kills the server with SIGKILL at random moments under write load and checks what it promised:
 * no acknowledged write is lost, it is ready again in time, and running containers are untouched.
 *
 *   npm run robust -- --n 200 --runtime docker
 *   npm run robust -- --n 20 --objects 100000
 *
 * Prints one line of JSON; the exit code is the verdict.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { quantile } from '../../bench/record.ts';
import { type Target, targetOfKubeconfig } from '../../bench/target.ts';
import { SeededIds } from '../../src/base/ids.ts';
import { buildTestImages, installation } from '../kit/krill.ts';
import { agent, pause, send, untilCode } from './http.ts';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '20' },
    runtime: { type: 'string', default: 'simulated' },
    objects: { type: 'string', default: '0' },
    writers: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.n);
const dice = new SeededIds(Number(values.seed));
const configMap = (name: string, value = '') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { value },
});

/** Creates ConfigMaps until told to stop; returns the names that were acknowledged. */
async function write(target: Target, namespace: string, writer: number, stopped: () => boolean): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let i = 0; !stopped(); i++) {
    const name = `w${writer}-${i}`;
    const answer = await send(
      target,
      'POST',
      `/api/v1/namespaces/${namespace}/configmaps`,
      configMap(name, 'x'.repeat(500)),
    ).catch(() => undefined);
    if (answer?.code === 201) acknowledged.push(name);
    else if (answer === undefined) await pause(5);
    else if (answer.code < 500) throw new Error(`create answered ${answer.code}: ${answer.text}`);
  }
  return acknowledged;
}

interface PodView {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly containerStatuses?: {
      readonly containerID?: string;
      readonly restartCount: number;
      readonly ready: boolean;
    }[];
    readonly conditions?: { readonly type: string; readonly status: string; readonly lastTransitionTime: string }[];
  };
}

/** What must not change over a kill: container ids, restart counts, readiness and when it was reached. */
async function containers(target: Target): Promise<string> {
  const { text } = await send(target, 'GET', '/api/v1/namespaces/default/pods?labelSelector=app%3Dweb');
  return JSON.stringify(
    (JSON.parse(text).items as PodView[]).map((pod) => [
      pod.metadata.name,
      pod.status.containerStatuses?.map((c) => [c.containerID, c.restartCount, c.ready]),
      pod.status.conditions?.filter((c) => c.type === 'Ready').map((c) => [c.status, c.lastTransitionTime]),
    ]),
  );
}

await using installed = installation();
const docker = values.runtime === 'docker';
if (docker) buildTestImages();
await installed.must('up', 'robust', '--runtime', values.runtime!);
const target = targetOfKubeconfig(installed.kubeconfig);
const kubectl = (...args: string[]) =>
  execFileSync('kubectl', args, { env: { ...process.env, KUBECONFIG: installed.kubeconfig }, encoding: 'utf8' });
kubectl('create', 'deployment', 'web', '--image=krill-test/web:1', '--replicas=3');
kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');

const preloaded = Number(values.objects);
for (let done = 0; done < preloaded; done += 200) {
  await Promise.all(
    Array.from({ length: Math.min(200, preloaded - done) }, (_, i) =>
      send(target, 'POST', '/api/v1/namespaces/default/configmaps', configMap(`load-${done + i}`, 'x'.repeat(500))),
    ),
  );
}

const before = await containers(target);
const readyTimes: number[] = [];
let acknowledged = 0;
let lost = 0;
let touched = 0;
let flaps = 0;

for (let round = 0; round < rounds; round++) {
  const namespace = `round-${round}`;
  await send(target, 'POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  let stop = false;
  const writers = Array.from({ length: Number(values.writers) }, (_, i) => write(target, namespace, i, () => stop));
  await pause(50 + dice.random() * 400);
  const { pid } = JSON.parse(await installed.must('status', 'robust', '-o', 'json')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await pause(1);
  readyTimes.push(await untilCode(target, '/readyz', 200));
  await pause(20);
  stop = true;
  const names = (await Promise.all(writers)).flat();
  acknowledged += names.length;
  const listed = await send(target, 'GET', `/api/v1/namespaces/${namespace}/configmaps`);
  const present = new Set((JSON.parse(listed.text).items as PodView[]).map((o) => o.metadata.name));
  lost += names.filter((name) => !present.has(name)).length;
  if (docker) {
    const now = await containers(target);
    if (now !== before) {
      touched++;
      console.error(`round ${round}: containers changed\n  ${before}\n  ${now}`);
    }
    if (round % 20 === 0 && !kubectl('exec', 'deploy/web', '--', 'hostname').startsWith('web-')) flaps++;
  }
  await send(target, 'DELETE', `/api/v1/namespaces/${namespace}`);
}

const limit = preloaded >= 100_000 ? 1500 : 1000;
const slow = readyTimes.filter((ms) => ms > limit).length;
const verdict = lost === 0 && touched === 0 && flaps === 0 && slow === 0 ? 'pass' : 'fail';
console.log(
  JSON.stringify({
    name: 'robust.kill',
    runtime: values.runtime,
    seed: Number(values.seed),
    rounds,
    objects: preloaded,
    acknowledged,
    lost,
    touched,
    readyP50: Math.round(quantile(readyTimes, 0.5)),
    readyP99: Math.round(quantile(readyTimes, 0.99)),
    slow,
    verdict,
  }),
);
process.exitCode = verdict === 'pass' ? 0 : 1;
agent.destroy();
