import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { Scope } from '../../../src/base/scope.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type {
  ContainerSpec,
  ContainerState,
  RuntimeEvent,
  SandboxSpec,
  SandboxState,
} from '../../../src/node/runtime.ts';
import { destroyCluster } from '../../../src/runtimes/docker/destroy.ts';
import { type ClusterNetwork, ensureClusterNetwork } from '../../../src/runtimes/docker/network.ts';
import { ensureNodeImage } from '../../../src/runtimes/docker/node-image.ts';
import { DockerRuntime } from '../../../src/runtimes/docker/runtime.ts';
import { buildTestImages, testAssets } from './engine.ts';

const clock = new SystemClock();
const ids = new SystemIds();
export const never = new AbortController().signal;

export interface TestPod {
  readonly sandbox: SandboxState;
  readonly container: ContainerState;
  readonly node: string;
  readonly uid: string;
}

/** Nodes and pods on a real engine, without an API server: what the runtime's own tests drive. */
export class DockerTestCluster {
  readonly engine: Engine;
  readonly name: string;
  readonly network: ClusterNetwork;
  readonly image: string;
  readonly seen: RuntimeEvent[] = [];
  #waiters: { wanted: (event: RuntimeEvent) => boolean; resolve: () => void }[] = [];
  #scope: Scope;
  runtime: DockerRuntime;

  private constructor(
    engine: Engine,
    name: string,
    network: ClusterNetwork,
    image: string,
    scope: Scope,
    runtime: DockerRuntime,
  ) {
    this.engine = engine;
    this.name = name;
    this.network = network;
    this.image = image;
    this.#scope = scope;
    this.runtime = runtime;
    this.#listen();
  }

  static async start(engine: Engine, nodes: number): Promise<DockerTestCluster> {
    const name = `t${ids.suffix(5)}`;
    const [image] = await Promise.all([
      testAssets().then((assets) => ensureNodeImage(engine, assets, never)),
      buildTestImages(),
    ]);
    const network = await ensureClusterNetwork(engine, { name, uid: name }, undefined, never);
    const { scope, runtime } = await open(engine, name, network, image);
    const cluster = new DockerTestCluster(engine, name, network, image, scope, runtime);
    await Promise.all(Array.from({ length: nodes }, (_, i) => cluster.ensure(`n${i + 1}`)));
    return cluster;
  }

  ensure(node: string) {
    return this.runtime.ensureNode({ name: node, podCIDR: `10.244.${Number(node.slice(1)) - 1}.0/24` }, never);
  }

  /** What a restart of krill does: everything in memory is lost, every container runs on. */
  async restartProcess(): Promise<void> {
    await this.#scope.close();
    const { scope, runtime } = await open(this.engine, this.name, this.network, this.image);
    this.#scope = scope;
    this.runtime = runtime;
    this.#listen();
  }

  #listen(): void {
    this.runtime.events((event) => {
      this.seen.push(event);
      for (const waiter of this.#waiters) if (waiter.wanted(event)) waiter.resolve();
    });
  }

  /** Resolves when an event arrives that is wanted; ask before causing it. */
  event(wanted: (event: RuntimeEvent) => boolean): Promise<void> {
    return new Promise((resolve) => this.#waiters.push({ wanted, resolve }));
  }

  sandbox(node: string, name: string, extra: Partial<SandboxSpec> = {}): SandboxSpec {
    return {
      node,
      pod: { namespace: 'default', name, uid: `uid-${name}` },
      attempt: 0,
      hostname: name,
      hostNetwork: false,
      hostPID: false,
      hostIPC: false,
      shareProcessNamespace: false,
      sysctls: {},
      hostPorts: [],
      mounts: [],
      resources: {},
      ...extra,
    };
  }

  container(sandbox: SandboxState, extra: Partial<ContainerSpec> = {}): ContainerSpec {
    return {
      node: sandbox.node,
      pod: sandbox.pod,
      sandboxId: sandbox.id,
      name: 'web',
      attempt: 0,
      labels: {},
      image: 'krill-test/web:1',
      env: [],
      tty: false,
      stdin: false,
      stdinOnce: false,
      mounts: [],
      resources: {},
      security: {
        supplementalGroups: [],
        privileged: false,
        readOnlyRootFilesystem: false,
        allowPrivilegeEscalation: true,
        addCapabilities: [],
        dropCapabilities: [],
      },
      terminationMessagePath: '/dev/termination-log',
      ...extra,
    };
  }

  async pod(
    node: string,
    name: string,
    extra: { sandbox?: Partial<SandboxSpec>; container?: Partial<ContainerSpec> } = {},
  ): Promise<TestPod> {
    const sandbox = await this.runtime.startSandbox(this.sandbox(node, name, extra.sandbox), never);
    const container = await this.runtime.startContainer(this.container(sandbox, extra.container), never);
    return { sandbox, container, node, uid: sandbox.pod.uid };
  }

  /** Runs a command in a pod's container: both outputs, then its exit code unless 0. */
  async run(pod: TestPod, ...command: string[]): Promise<string> {
    const options = { command, stdin: false, stdout: true, stderr: true, tty: false };
    const process = await this.runtime.exec(pod.node, pod.container.id, options, never);
    const [out, error, code] = await Promise.all([process.stdout!.toArray(), process.stderr!.toArray(), process.exit]);
    return `${Buffer.concat([...out, ...error])}${code === 0 ? '' : `exit ${code}`}`.trim();
  }

  /** The first line of a page, or the client's complaint. Tries until the server listens. */
  async get(pod: TestPod, url: string): Promise<string> {
    for (let tries = 0; ; tries++) {
      const answer = await this.run(pod, 'wget', '-qO-', url);
      if (!/refused/.test(answer) || tries > 50) return answer;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await destroyCluster(this.engine, this.name, never);
  }
}

async function open(engine: Engine, name: string, network: ClusterNetwork, nodeImage: string) {
  const scope = new Scope((task, error) => process.stderr.write(`${task}: ${String(error)}\n`));
  const cluster = { name, uid: name };
  const options = { engine, cluster, network, nodeImage, clock, log: silentLogger, scope };
  return { scope, runtime: await DockerRuntime.open(options, never) };
}
