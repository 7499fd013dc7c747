import { afterAll, expect, test } from 'vitest';
import { targetOfKubeconfig } from '../../bench/target.ts';
import { SeededIds } from '../../src/base/ids.ts';
import { installation } from '../kit/krill.ts';
import { chaos } from '../robust/chaos/run.ts';
import { agent } from '../robust/http.ts';

afterAll(() => agent.destroy());

/** A small one of `npm run chaos`, which is the full one. */
test('workloads edited at random come to rest as they should, whatever nodes go and however often the server is killed', async () => {
  await using installed = installation();
  await installed.must('up', 'chaos', '--runtime', 'simulated', '--nodes', '10');
  const result = await chaos({
    target: targetOfKubeconfig(installed.kubeconfig),
    field: { deployments: 60, statefulSets: 10, namespaces: 3, maxReplicas: 5 },
    dice: new SeededIds(7),
    length: 15_000,
    rate: 20,
    crashEvery: 6_000,
    nodeEvery: 4_000,
    patience: 30_000,
    crash: async () => {
      const { pid } = JSON.parse(await installed.must('status', 'chaos', '-o', 'json')) as { pid: number };
      process.kill(pid, 'SIGKILL');
    },
    log: () => undefined,
  });
  expect(result.findings).toEqual([]);
  expect(result.crashes).toBeGreaterThan(0);
  expect(result.nodesLost).toBeGreaterThan(0);
  expect(result.pods).toBeGreaterThan(0);
});
