import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, SystemClock } from '../../src/base/clock.ts';
import { type Ids, SystemIds } from '../../src/base/ids.ts';
import { createLogger, formatRecord, type LogRecord } from '../../src/base/log.ts';
import { type Client, createClient } from '../../src/client/client.ts';
import type { RunningCluster } from '../../src/cluster/contract.ts';
import { startCluster } from '../../src/cluster/start.ts';
import type { NodeTemplate } from '../../src/node/runtime.ts';

export interface TestClusterOptions {
  readonly store?: 'memory' | 'file';
  readonly nodes?: number;
  readonly simulatedNodes?: number;
  readonly nodeTemplate?: NodeTemplate;
  readonly without?: readonly string[];
  readonly controllers?: readonly string[];
  readonly schedulerConfig?: string;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Takes up a cluster that an earlier one left in this folder. */
  readonly dataDir?: string;
  /** Done as soon as the API is served, before the nodes are waited for. */
  readonly first?: (client: Client) => Promise<void>;
}

/** A whole cluster in this process, on simulated nodes, gone at the end of its scope. */
export interface TestCluster extends RunningCluster, AsyncDisposable {
  readonly client: Client;
  /** Everything logged at warn or above, so that a test can say that nothing was. */
  readonly problems: readonly LogRecord[];
  readonly dataDir: string;
}

/** `await using c = await cluster()`: resolves when its nodes are Ready. */
export async function cluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'krill-test-'));
  const problems: LogRecord[] = [];
  const clock = options.clock ?? new SystemClock();
  const log = createLogger(clock, (record) => void problems.push(record), 'warn');
  const running = await startCluster({
    name: 'test',
    dataDir,
    port: 0,
    nodes: options.nodes ?? 1,
    ...(options.simulatedNodes && { simulatedNodes: options.simulatedNodes }),
    ...(options.nodeTemplate && { nodeTemplate: options.nodeTemplate }),
    runtime: 'simulated',
    store: options.store ?? 'memory',
    clock,
    ids: options.ids ?? new SystemIds(),
    log,
    ...(options.controllers && { controllers: options.controllers }),
    ...(options.schedulerConfig !== undefined && { schedulerConfig: options.schedulerConfig }),
    ...(options.without && { without: options.without }),
  });
  await options.first?.(createClient(running.transport()));
  await running.ready.catch((error) => {
    throw new Error(`the cluster did not start:\n${problems.map(formatRecord).join('\n')}`, { cause: error });
  });
  return {
    ...running,
    client: createClient(running.transport()),
    problems,
    dataDir,
    async [Symbol.asyncDispose]() {
      await running.close();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
