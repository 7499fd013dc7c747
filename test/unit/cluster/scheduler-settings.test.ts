import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { createLogger, silentLogger } from '../../../src/base/log.ts';
import {
  keepSchedulerConfig,
  keptSchedulerConfig,
  schedulerConfigOf,
  schedulerConfigProblems,
} from '../../../src/cluster/scheduler-settings.ts';

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

test('what is kept is what was written, for its owner only', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-scheduler-'));
  try {
    expect(keptSchedulerConfig(dataDir)).toBeUndefined();
    await keepSchedulerConfig(dataDir, `${head}# mine\n`);
    expect(keptSchedulerConfig(dataDir)).toBe(`${head}# mine\n`);
    expect(statSync(join(dataDir, 'scheduler.yaml')).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('problems are named one by one, and all together where they end a start', () => {
  const wrong = `${head}parallelism: 0\npercentageOfNodesToScore: 200\n`;
  expect(schedulerConfigProblems(head)).toEqual([]);
  expect(schedulerConfigProblems(wrong)).toHaveLength(2);
  expect(() => schedulerConfigOf(wrong, silentLogger)).toThrow(
    "the scheduler's configuration will not do: parallelism: Invalid value: 0: should be an integer value greater than zero; percentageOfNodesToScore: Invalid value: 200: not in valid range [0-100]",
  );
});

test('files of an extender that cannot be read are a problem, too', () => {
  const extender = { urlPrefix: 'https://x', tlsConfig: { caFile: '/nowhere/ca.pem' } };
  expect(schedulerConfigProblems(`${head}extenders: [${JSON.stringify(extender)}]\n`)).toEqual([
    "extenders[0].tlsConfig: ENOENT: no such file or directory, open '/nowhere/ca.pem'",
  ]);
});

test('fields without meaning in one process are noted', () => {
  const said: unknown[] = [];
  const log = createLogger(new ManualClock(), ({ message, ...rest }) => void said.push([message, rest]), 'info');
  schedulerConfigOf(`${head}leaderElection: {leaderElect: false}\n`, log);
  schedulerConfigOf(head, log);
  expect(said).toEqual([
    [
      "The scheduler's configuration has fields that mean nothing in one process",
      expect.objectContaining({ fields: { fields: ['leaderElection'] } }),
    ],
  ]);
});
