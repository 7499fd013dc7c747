import { runtimeConfigText } from '../../api/runtime-config.ts';
import { type ClusterView, viewCluster } from '../cluster-view.ts';
import type { Call, Command } from '../command.ts';
import { withCommandLock } from '../command-lock.ts';
import { type DataFolder, dataFolder } from '../data-folder.ts';
import { CliError } from '../errors.ts';
import { refuseOtherWishes } from '../kept-wishes.ts';
import { type AdminAccess, contextName, loadEditor, mergeKubeconfig } from '../kubeconfig.ts';
import { printJson } from '../output.ts';
import { readMessages } from '../start-messages.ts';
import { StepList } from '../steps.ts';
import { serverCommand, startServer, stopServer } from '../supervisor.ts';
import { type Wanted, wantedOf } from '../wishes.ts';
import type { World } from '../world.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'starts a cluster, or makes sure that it runs',
  takesName: true,
  options: [
    ['--nodes <number>', 'how many nodes (1)'],
    ['--simulated-nodes <number>', 'how many simulated nodes beside them (0)'],
    ['--node-template <file>', 'a Node object that simulated nodes are like: labels, annotations, taints, capacity'],
    ['--runtime <kind>', 'docker, simulated, or auto: Docker where an engine answers (auto)'],
    ['--port <number>', "the API server's port on 127.0.0.1 (any free one)"],
    ['--legacy-apis [choice]', 'whether the API versions of old manifests are served too: true or false (true)'],
    [
      '--runtime-config <list>',
      'which API versions are on or off: api/all, api/ga, api/beta, api/alpha, GROUP/VERSION or GROUP/VERSION/RESOURCE, each with =true or =false, with commas between (those that Kubernetes serves by default)',
    ],
    [
      '--enable-admission-plugins <list>',
      "admission plugins that are on besides upstream's default ones, with commas between",
    ],
    ['--disable-admission-plugins <list>', 'default admission plugins that are off, with commas between'],
    ['--admission-control-config-file <file>', 'an AdmissionConfiguration: how admission plugins are configured'],
    ['--controllers <list>', 'which controllers run: * for all, NAME or -NAME for one, with commas between (*)'],
    [
      '--scheduler-config <file>',
      "a KubeSchedulerConfiguration for the scheduler, from this start on (upstream's defaults)",
    ],
    ['--wait <seconds>', 'how long to wait for the nodes to be Ready; 0 returns when the API is served (120)'],
    ['--kubeconfig <file>', 'the kubeconfig to write to, instead of $KUBECONFIG or ~/.kube/config'],
  ],
  async run(call) {
    const { name, options, format } = call;
    const wanted = await wantedOf(options);
    const kubeconfig = options['kubeconfig'];
    const env = typeof kubeconfig === 'string' ? { ...call.world.env, KUBECONFIG: kubeconfig } : call.world.env;
    // In JSON mode the answer alone goes to stdout.
    const world: World = { ...call.world, env, out: format === 'json' ? call.world.err : call.world.out };
    const folder = dataFolder(env, name);
    const up = new Up(world, folder, wanted);
    const result = await up.run();
    if (format === 'json') printJson(call.world.out, result);
    else summarize(call, result);
    return 0;
  },
};

interface Result {
  readonly name: string;
  readonly url: string;
  readonly runtime: string;
  readonly context: string;
  readonly kubeconfig: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly seconds: number;
}

function summarize({ world, name }: Call, result: Result): void {
  const what = result.started ? `Cluster ${name} is up` : `Cluster ${name} is already up`;
  world.out.write(`${what}: ${result.url} (context ${result.context}, ${result.runtime} nodes)\n`);
  if (!result.ready) world.out.write(`Not all nodes are Ready yet: krill status ${name}\n`);
}

/** One run of the command. */
class Up {
  readonly #world: World;
  readonly #folder: DataFolder;
  readonly #wanted: Wanted;
  readonly #steps: StepList;
  readonly #began: number;
  #identity: Promise<void> | undefined;

  constructor(world: World, folder: DataFolder, wanted: Wanted) {
    this.#world = world;
    this.#folder = folder;
    this.#wanted = wanted;
    this.#steps = new StepList(world.out, world.env);
    this.#began = world.clock.steady();
  }

  async run(): Promise<Result> {
    const fresh = this.#folder.create();
    if (fresh) this.#step('data folder');
    return withCommandLock(this.#folder, this.#world, async () => {
      const view = await this.#settled();
      // A cluster is made once: other wishes later are told apart from mistakes.
      if (view.settings) refuseOtherWishes(this.#wanted, view.settings);
      if (view.report) {
        await this.#checkScheduler();
        const { access, ready } = view.report;
        return this.#result(access, view.settings?.runtime ?? view.report.runtime, ready, false);
      }
      return this.#start(fresh);
    });
  }

  #step(name: string): void {
    this.#steps.done(name, this.#world.clock.steady() - this.#began);
  }

  /** The cluster's state once it is neither coming nor going. */
  async #settled(): Promise<ClusterView> {
    const { clock } = this.#world;
    for (;;) {
      const view = await viewCluster(this.#folder, clock);
      if (view.state === 'ready' || view.state === 'stopped') return view;
      if (clock.steady() - this.#began >= this.#wanted.waitMs) {
        if (view.report) return view;
        throw new CliError(
          `cluster ${this.#folder.name} is starting, but does not answer`,
          'its server crashes, or hangs',
          `krill logs ${this.#folder.name}; krill down ${this.#folder.name} ends it`,
        );
      }
      await clock.sleep(50);
    }
  }

  /** Of a running cluster the scheduler has read its configuration already. */
  async #checkScheduler(): Promise<void> {
    const { schedulerConfig } = this.#wanted;
    if (schedulerConfig === undefined) return;
    const { keptSchedulerConfig } = await import('../../cluster/scheduler-settings.ts');
    const { name, path } = this.#folder;
    if (keptSchedulerConfig(path) === schedulerConfig) return;
    throw new CliError(
      `cluster ${name} runs, and its scheduler is configured otherwise`,
      'the scheduler reads its configuration when it starts',
      `krill down ${name}, then krill up ${name} --scheduler-config FILE`,
    );
  }

  async #keepSchedulerConfig(): Promise<void> {
    const { schedulerConfig } = this.#wanted;
    if (schedulerConfig === undefined) return;
    const { keepSchedulerConfig } = await import('../../cluster/scheduler-settings.ts');
    await keepSchedulerConfig(this.#folder.path, schedulerConfig);
  }

  async #start(fresh: boolean): Promise<Result> {
    await this.#keepSchedulerConfig();
    const { env, program, clock } = this.#world;
    const { nodes = 1, runtime = 'auto', port = 0, legacyApis = true, controllers } = this.#wanted;
    const { simulatedNodes = 0, nodeTemplate, runtimeConfig, admission } = this.#wanted;
    const { name, path } = this.#folder;
    const wishes = ['--nodes', nodes, '--runtime', runtime, '--port', port, '--legacy', legacyApis];
    const simulated: unknown[] = ['--simulated', simulatedNodes];
    if (nodeTemplate) simulated.push('--template', JSON.stringify(nodeTemplate));
    const choice = [
      ...(controllers ? [`--controllers=${controllers.join()}`] : []),
      ...(admission ? [`--admission=${JSON.stringify(admission)}`] : []),
      ...(runtimeConfig ? [`--runtime-config=${runtimeConfigText(runtimeConfig)}`] : []),
    ];
    const args = ['serve', name, '--data', path, ...wishes, ...simulated, ...choice].map(String);
    const { messages } = startServer(this.#folder, serverCommand(program, args), env);
    if (fresh) this.#identity = this.#makeIdentity();
    const loaded = loadEditor();
    let serving: { access: AdminAccess; runtime: string } | undefined;
    let merged: Promise<string> | undefined;
    let late = false;
    const timer = clock.after(this.#wanted.waitMs || 120_000, () => {
      late = true;
      messages.destroy();
    });
    try {
      for await (const message of readMessages(messages)) {
        if (message.type === 'step') this.#step(message.name);
        else if (message.type === 'note') this.#steps.note(message.text);
        else if (message.type === 'failed') throw new CliError(message.what, message.cause, message.next);
        else if (message.type === 'serving') {
          await loaded;
          serving = message;
          merged = this.#merge(message.access);
          if (this.#wanted.waitMs === 0) break;
        } else {
          return await this.#result(serving!.access, serving!.runtime, true, true, merged);
        }
      }
    } catch (error) {
      await this.#undo(fresh);
      throw error;
    } finally {
      timer.cancel();
      messages.destroy();
    }
    if (serving) return this.#result(serving.access, serving.runtime, false, true, merged);
    const last = this.#folder.logTail(5).join('\n    ');
    await this.#undo(fresh);
    throw new CliError(
      late ? `cluster ${name} did not start in time` : `the server of cluster ${name} ended without a word`,
      `its last words:\n    ${last}`,
      `krill up ${name}`,
    );
  }

  /** Makes a new cluster's keys while its server is still loading: it takes what it finds, else makes its own. */
  async #makeIdentity(): Promise<void> {
    const { clock, ids } = this.#world;
    try {
      const [{ loadIdentity }, { loadFrontProxy }] = await Promise.all([
        import('../../cluster/identity.ts'),
        import('../../cluster/front-proxy.ts'),
      ]);
      await loadIdentity(this.#folder.path, clock, ids);
      await loadFrontProxy(this.#folder.path, clock, ids);
    } catch {
      // The server meets the same, and says so.
    }
  }

  /** Leaves nothing half made: what did not start is stopped, and a folder that was made for it goes again. */
  async #undo(fresh: boolean): Promise<void> {
    await Promise.all([this.#identity, stopServer(this.#folder, this.#world.clock)]);
    if (fresh && !this.#folder.settings()) await this.#folder.remove();
  }

  async #merge(access: AdminAccess): Promise<string> {
    const { env, clock, err } = this.#world;
    try {
      return await mergeKubeconfig(env, clock, this.#folder.name, access);
    } catch (error) {
      // The cluster is up all the same.
      const failure =
        error instanceof CliError
          ? error
          : new CliError(
              `your kubeconfig was not changed: ${(error as Error).message}`,
              undefined,
              `krill kubeconfig ${this.#folder.name}`,
            );
      err.write(failure.text().replace(/^error/, 'warning'));
      return '';
    }
  }

  async #result(
    access: AdminAccess,
    runtime: string,
    ready: boolean,
    started: boolean,
    merged = this.#merge(access),
  ): Promise<Result> {
    return {
      name: this.#folder.name,
      url: access.url,
      runtime,
      context: contextName(this.#folder.name),
      kubeconfig: await merged,
      ready,
      started,
      seconds: Math.round(this.#world.clock.steady() - this.#began) / 1000,
    };
  }
}
