import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeConfig } from '../api/runtime-config.ts';
import type { AdmissionChoice } from '../apiserver/admission/plugin-names.ts';
import { createLogger, formatRecord, type Logger } from '../base/log.ts';
import type { RunningCluster } from '../cluster/contract.ts';
import { readSettings } from '../cluster/settings.ts';
import type { NodeTemplate } from '../node/runtime.ts';
import { saveCompiledCode } from './compile-cache.ts';
import { serveReports } from './control.ts';
import { closeQuietly } from './data-folder.ts';
import { explainStart } from './errors.ts';
import type { AdminAccess } from './kubeconfig.ts';
import { givenUp, messageDescriptor, type StartMessage } from './start-messages.ts';
import { messageVariable } from './supervisor.ts';
import type { World } from './world.ts';

export interface ServeOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly nodes: number;
  readonly simulatedNodes: number;
  readonly nodeTemplate?: NodeTemplate;
  readonly runtime: 'docker' | 'simulated' | 'auto';
  readonly port: number;
  readonly legacyApis: boolean;
  readonly runtimeConfig?: RuntimeConfig;
  readonly admission?: AdmissionChoice;
  /** Which controllers run; the default ones unless given. */
  readonly controllers?: readonly string[];
}

/** How long to look for a container engine before deciding that there is none. */
const engineTimeout = 2_000;

/** How long a cluster may take to close before the process ends anyway: nothing a restart needs is lost by that. */
const closeTimeout = 10_000;

/** Runs a cluster until SIGTERM. The process ends with it, whatever is still open. */
export async function serve(world: World, options: ServeOptions): Promise<never> {
  const log = createLogger(world.clock, (record) => void world.err.write(`${formatRecord(record)}\n`));
  const pidFile = join(options.dataDir, 'server.pid');
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  writeCrashFiles(options.dataDir, world, log);
  const code = await serveUntilStopped(world, options, log);
  rmSync(pidFile, { force: true });
  process.exit(code);
}

async function serveUntilStopped(world: World, options: ServeOptions, log: Logger): Promise<number> {
  const { clock, ids } = world;
  const stop = stopSignal();
  const tell = new Teller(world.env[messageVariable] === '1');
  let cluster: RunningCluster | undefined;
  try {
    const { name, dataDir, nodes, simulatedNodes, nodeTemplate, port, legacyApis } = options;
    const { runtimeConfig, admission, controllers } = options;
    // The engine answers while the program loads.
    const [runtime, { startCluster }] = await Promise.all([chooseRuntime(options, world, tell), world.loadStart()]);
    cluster = await startCluster(
      {
        name,
        dataDir,
        port,
        nodes,
        simulatedNodes,
        ...(nodeTemplate && { nodeTemplate }),
        runtime,
        legacyApis,
        ...(runtimeConfig && { runtimeConfig }),
        ...(admission && { admission }),
        ...(controllers && { controllers }),
        store: 'file',
        clock,
        ids,
        log,
      },
      (step) => tell.say({ type: 'step', name: step.name }),
    );
    const running = cluster;
    const { url, caPem, adminCertPem, adminKeyPem } = running;
    const access: AdminAccess = { url, caPem, certPem: adminCertPem, keyPem: adminKeyPem };
    tell.say({ type: 'serving', runtime, access });
    let ready = false;
    await serveReports(dataDir, () => ({ ...running.status(), pid: process.pid, ready, access }));
    // Tells the supervisor that a crash from here on is not one of the start.
    writeFileSync(join(options.dataDir, 'serving'), '', { mode: 0o600 });
    log.info('serving', { url });
    if ((await Promise.race([stop, running.ready])) !== 'stop') {
      ready = true;
      log.info('nodes ready');
      tell.say({ type: 'ready' });
      tell.end();
      saveCompiledCode();
      await stop;
    }
    log.info('stopping');
    await closeInTime(running, world, log);
    log.info('stopped');
    return 0;
  } catch (error) {
    log.error('the cluster could not be started', { error });
    const { message, likelyCause, next } = explainStart(error, options.name);
    tell.say({ type: 'failed', what: message, ...(likelyCause && { cause: likelyCause }), ...(next && { next }) });
    tell.end();
    if (cluster) await closeInTime(cluster, world, log);
    return givenUp;
  }
}

async function closeInTime(cluster: RunningCluster, { clock }: World, log: Logger): Promise<void> {
  const late = new AbortController();
  const deadline = clock.sleep(closeTimeout, late.signal).then(
    () => log.warn('the cluster did not close in time'),
    () => undefined,
  );
  const closed = cluster.close().catch((error: unknown) => log.error('the cluster did not close cleanly', { error }));
  await Promise.race([closed, deadline]);
  late.abort();
}

function stopSignal(): Promise<'stop'> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve('stop'));
    // The terminal that started it may go away.
    process.on('SIGHUP', () => undefined);
  });
}

/** A crash leaves a file that says how; the supervisor starts the server again. */
function writeCrashFiles(dataDir: string, { clock }: World, log: Logger): void {
  process.on('uncaughtException', (error) => {
    const time = new Date(clock.wall()).toISOString();
    log.error('crashed', { error });
    writeFileSync(join(dataDir, `crash-${time.replaceAll(':', '')}.txt`), `${time}\n${error.stack ?? error}\n`, {
      mode: 0o600,
    });
    process.exit(1);
  });
}

/** Tells the `up` that waits, while it does. */
class Teller {
  #open: boolean;

  constructor(open: boolean) {
    this.#open = open;
  }

  say(message: StartMessage): void {
    if (!this.#open) return;
    try {
      writeSync(messageDescriptor, `${JSON.stringify(message)}\n`);
    } catch {
      // It was interrupted; the start goes on without it.
      this.#open = false;
    }
  }

  end(): void {
    if (this.#open) closeQuietly(messageDescriptor);
    this.#open = false;
  }
}

/** What an existing cluster was made with; else what was asked for; else Docker where an engine answers. */
async function chooseRuntime(options: ServeOptions, { clock }: World, tell: Teller): Promise<'docker' | 'simulated'> {
  const stored = readSettings(options.dataDir)?.runtime;
  if (stored) return stored;
  if (options.runtime === 'simulated') return options.runtime;
  const { connectEngine } = await import('../engine/connect.ts');
  const giveUp = new AbortController();
  const timer =
    options.runtime === 'auto'
      ? clock.after(engineTimeout, () => giveUp.abort(new Error('no container engine answered in time')))
      : undefined;
  try {
    (await connectEngine(clock, giveUp.signal)).close();
    return 'docker';
  } catch (error) {
    // Said before anything is made, so that the next `up` may ask for another runtime.
    if (options.runtime === 'docker') throw error;
    tell.say({ type: 'note', text: 'no container engine answers, so the nodes are simulated: pods run no containers' });
    return 'simulated';
  } finally {
    timer?.cancel();
  }
}
