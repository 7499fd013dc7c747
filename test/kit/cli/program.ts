import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { outliveReader } from '../../../src/cli/outlive-reader.ts';
import { run } from '../../../src/cli/run.ts';
import type { ClusterOptions, ClusterStatus, RunningCluster } from '../../../src/cluster/contract.ts';
import { readSettings, writeSettings } from '../../../src/cluster/settings.ts';

/**
 * krill with a cluster that is only pretended: what the command line does around a server can be seen without one.
 * $PRETEND says what the server does: "fail" at once, "crash" after it was ready, "never" become ready, or work.
 */
const pretend = process.env['PRETEND'] ?? '';

async function startCluster(
  options: ClusterOptions,
  onStep: (step: { name: string; at: number; took: number }) => void = () => undefined,
): Promise<RunningCluster> {
  if (pretend === 'fail') {
    throw Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:7777'), {
      code: 'EADDRINUSE',
      port: 7777,
    });
  }
  if (pretend === 'die') process.exit(9);
  appendFileSync(join(options.dataDir, 'starts'), 'x');
  const port = options.port || 6443;
  const subnets = { nodes: '', pods: '', services: '' };
  const settings = readSettings(options.dataDir) ?? {
    format: 1,
    name: options.name,
    uid: 'u',
    runtime: options.runtime,
    nodes: options.nodes,
    port,
    hostReach: { apiPort: 0, dnsPort: 0 },
    subnets,
    legacyApis: options.legacyApis ?? true,
    ...(options.runtimeConfig && { runtimeConfig: options.runtimeConfig }),
    ...(options.admission && { admission: options.admission }),
    ...(options.controllers && { controllers: options.controllers }),
    createdAt: '',
  };
  await writeSettings(options.dataDir, settings);
  onStep({ name: 'API server', at: 1, took: 1 });
  const url = `https://127.0.0.1:${settings.port}`;
  const status = (): ClusterStatus => ({
    name: options.name,
    version: 'v1.36.4',
    runtime: settings.runtime,
    url,
    steps: [],
    nodes: [{ name: 'node-1', ready: true, address: '10.0.0.1' }],
    hostReach: '',
    subnets,
  });
  return {
    url,
    port: settings.port,
    caPem: 'ca',
    adminCertPem: 'cert',
    adminKeyPem: 'key',
    transport: () => {
      throw new Error('there is no API here');
    },
    ready: pretend === 'never' ? new Promise(() => undefined) : Promise.resolve(),
    status,
    close: async () => appendFileSync(join(options.dataDir, 'closed'), 'x'),
  };
}

process.exitCode = await run(process.argv.slice(2), {
  out: outliveReader(process.stdout),
  err: outliveReader(process.stderr),
  env: process.env,
  clock: new SystemClock(),
  ids: new SystemIds(),
  program: [process.execPath, import.meta.filename],
  loadStart: async () => ({ startCluster }),
  loadRemove: async () => ({
    removeCluster: async () => {
      if (pretend === 'no-docker') throw new Error('No container engine answers.');
    },
  }),
});
