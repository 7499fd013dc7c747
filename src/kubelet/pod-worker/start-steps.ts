import { isStatus } from '../../api/status.ts';
import type { ContainerSpec, ContainerState } from '../../node/runtime.ts';
import { StartError } from '../../node/runtime.ts';
import { ImageHold } from '../images.ts';
import { pullCredentials } from '../registry-credentials.ts';
import type { Container, Pod, Volume } from '../types.ts';
import { type VolumeContext, VolumeError } from '../volumes/volume-type.ts';
import { containerSpec, managedFiles, sandboxSpec, simulatedSpec } from './container-spec.ts';
import type { Step } from './draft.ts';
import { type PodContext, podIPs } from './environment.ts';
import { runHook } from './hooks.ts';
import { hostsFile, resolvConf } from './names.ts';

type StepOf<K extends Step['do']> = Extract<Step, { readonly do: K }>;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What held a step back, and for how long (milliseconds) the first time. */
export class StepHold extends Error {
  readonly reason: string;
  readonly delay: number;
  constructor(reason: string, message: string, delay: number, cause?: unknown) {
    super(message, { cause });
    this.name = 'StepHold';
    this.reason = reason;
    this.delay = delay;
  }
}

/** Makes the sandbox and the hosts file that names its address. */
export async function startSandbox(
  context: PodContext,
  step: StepOf<'start-sandbox'>,
  signal: AbortSignal,
): Promise<void> {
  const { env, pod, world } = context;
  if (world.sandbox) {
    env.tell(pod, undefined, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  }
  try {
    const spec = sandboxSpec(pod, step.attempt, env.dns.clusterDomain);
    // Never given up half-way: what the engine was asked to make must be known to be removed.
    const sandbox = await env.runtime.startSandbox(spec, env.scope.signal);
    world.takeSandbox(sandbox, env.clock.steady());
    if (env.runtime.runsProcesses) await writeHosts(context, signal);
  } catch (error) {
    signal.throwIfAborted();
    const message = `Failed to create pod sandbox: ${textOf(error)}`;
    env.tell(pod, undefined, 'Warning', 'FailedCreatePodSandBox', message);
    throw new StepHold('CreatePodSandboxError', message, 1000, error);
  }
}

async function writeHosts(context: PodContext, signal: AbortSignal): Promise<void> {
  const { env, pod, files } = context;
  const hosts = hostsFile(pod, podIPs(context), env.dns.clusterDomain);
  await files.writeFile(files.path(managedFiles.hosts), hosts, 0o644, signal);
}

/** Sets up every volume and the files kubelet manages. Also run again when their contents changed. */
export async function setUpVolumes(context: PodContext, signal: AbortSignal): Promise<void> {
  const { env, pod, volumes, files, world } = context;
  if (!env.runtime.runsProcesses) return;
  try {
    const resolver = resolvConf(pod, env.dns);
    await Promise.all([
      volumes.setUp(pod, (volume) => volumeContext(context, volume, signal)),
      files.writeFile(files.path(managedFiles.resolvConf), resolver, 0o644, signal),
      // A sandbox that was there before krill started may lack its hosts file: krill died between the two.
      world.sandbox?.running && writeHosts(context, signal),
    ]);
  } catch (error) {
    signal.throwIfAborted();
    const message =
      error instanceof VolumeError ? error.message : `Unable to prepare the pod's files: ${textOf(error)}`;
    env.tell(pod, undefined, 'Warning', 'FailedMount', message);
    throw new StepHold('FailedMount', message, 500, error);
  }
}

function volumeContext(context: PodContext, volume: Volume, signal: AbortSignal): VolumeContext {
  const { env, pod, files } = context;
  return {
    pod,
    volume,
    files,
    fields: fieldsOf(context),
    signal,
    node: env.node,
    claims: env.claims,
    read: (kind, name) => env.configs.read(readerOf(env.node, pod), kind, name, signal),
    token: (audience, seconds) => env.tokens.get(env.client, pod, audience, seconds, signal),
  };
}

const readerOf = (node: string, pod: Pod) => ({
  node,
  namespace: pod.metadata.namespace ?? '',
  podUid: pod.metadata.uid ?? '',
});

const fieldsOf = (context: PodContext) => ({
  podIPs: podIPs(context),
  hostIPs: context.env.hostIPs(),
  allocatable: context.env.allocatable(),
});

/** Finds or pulls the image of a container's next start. */
export async function findImage(
  context: PodContext,
  { container }: StepOf<'find-image'>,
  signal: AbortSignal,
): Promise<void> {
  const { env, pod, world } = context;
  const uid = pod.metadata.uid ?? '';
  const tell = env.runtime.runsProcesses
    ? (type: 'Normal' | 'Warning', reason: string, message: string) => env.tell(pod, container, type, reason, message)
    : () => undefined;
  const credentials = async () => {
    const read = (name: string) => env.configs.read(readerOf(env.node, pod), 'secret', name, signal);
    const found = await pullCredentials(pod, read);
    if (found.missing.length) {
      const text = `Unable to retrieve some image pull secrets (${found.missing.join(', ')}); attempting to pull the image may not succeed.`;
      env.tell(pod, undefined, 'Warning', 'FailedToRetrieveImagePullSecret', text);
    }
    return found.credentials;
  };
  try {
    world.images.set(container.name, await env.images.ensure(uid, container, credentials, tell, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ImageHold) throw error;
    throw new StepHold(
      'ImageInspectError',
      `Failed to inspect image "${container.image}": ${textOf(error)}`,
      2000,
      error,
    );
  }
}

/** Starts a container and runs its postStart hook; only then it counts as running. */
export async function startContainer(
  context: PodContext,
  step: StepOf<'start-container'>,
  signal: AbortSignal,
): Promise<void> {
  const { env, pod, world } = context;
  const { container } = step;
  const image = world.images.get(container.name);
  const sandbox = world.sandbox;
  if (!image || !sandbox) return;
  let spec: ContainerSpec | undefined;
  try {
    const delay = context.play?.of(container).startDelay ?? 0;
    if (delay > 0) await env.clock.sleep(delay, signal);
    spec = await specOf(context, step, signal);
    const state = await env.runtime.startContainer(spec, env.scope.signal);
    world.images.delete(container.name);
    if (env.runtime.runsProcesses) {
      env.tell(pod, container, 'Normal', 'Created', 'Container created');
      env.tell(pod, container, 'Normal', 'Started', 'Container started');
    }
    try {
      await afterStart(context, container, state, signal);
    } finally {
      await showRunning(context, sandbox.id, state);
      absorb(context, sandbox.id, state);
    }
  } catch (error) {
    signal.throwIfAborted();
    env.tell(pod, container, 'Warning', 'Failed', `Error: ${textOf(error)}`);
    const reason = error instanceof StartError ? error.reason : startReason(error);
    if (reason === 'RunContainerError' && spec) return startFailed(context, sandbox.id, spec, textOf(error));
    throw new StepHold(reason, textOf(error), 5000, error);
  }
}

/**
 * A container that ran and has ended before anybody could look is shown running first: `kubectl run -it` waits for a
 * pod that runs and is ready, and would wait for good for one that never says so.
 */
async function showRunning(context: PodContext, sandboxId: string, state: ContainerState): Promise<void> {
  if (state.status !== 'exited' || state.startedAt === 0 || context.world.find(state.id)) return;
  absorb(context, sandboxId, { ...state, status: 'running', exitCode: 0, finishedAt: 0, terminationMessage: '' });
  await context.shown();
}

/** Reading a reference was refused: that too is the container's configuration. */
const startReason = (error: unknown): string =>
  isStatus(error, 'Forbidden') ? 'CreateContainerConfigError' : 'CreateContainerError';

function specOf(context: PodContext, step: StepOf<'start-container'>, signal: AbortSignal): Promise<ContainerSpec> {
  const { env, pod, world, volumes, files } = context;
  const { container, attempt, backoff } = step;
  const base = {
    pod,
    container,
    attempt,
    backoff,
    sandboxId: world.sandbox?.id ?? '',
    image: world.images.get(container.name)!,
  };
  if (!env.runtime.runsProcesses) return Promise.resolve(simulatedSpec(base));
  const read = (kind: 'configmap' | 'secret', name: string) =>
    env.configs.read(readerOf(env.node, pod), kind, name, signal);
  const services = () => env.services(pod.metadata.namespace ?? '');
  return containerSpec({ ...base, env: { ...fieldsOf(context), read, services }, volumes, files }, signal);
}

async function afterStart(
  context: PodContext,
  container: Container,
  state: ContainerState,
  signal: AbortSignal,
): Promise<void> {
  const { env, pod } = context;
  const hook = container.lifecycle?.postStart;
  if (!hook || !env.runtime.runsProcesses) return;
  const podIP = podIPs(context)[0] ?? '';
  try {
    await runHook(hook, { pod, container, containerId: state.id, podIP }, env, signal);
  } catch (error) {
    signal.throwIfAborted();
    env.log.debug('postStart hook failed', { pod: pod.metadata.name, container: container.name, error });
    env.tell(pod, container, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
    env.tell(pod, container, 'Normal', 'Killing', 'FailedPostStartHook');
    const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
    absorb(
      context,
      context.world.sandbox?.id ?? '',
      await env.runtime.stopContainer(env.node, state.id, grace, signal),
    );
  }
}

/** The engine has the container and says it cannot run, or has nothing: either way this attempt is spent. */
async function startFailed(
  context: PodContext,
  sandboxId: string,
  spec: ContainerSpec,
  message: string,
): Promise<void> {
  const { env, world } = context;
  world.images.delete(spec.name);
  const now = env.clock.wall();
  absorb(context, sandboxId, {
    id: '',
    name: spec.name,
    attempt: spec.attempt,
    image: spec.image,
    imageId: spec.image,
    labels: { ...spec.labels, reason: 'ContainerCannotRun' },
    status: 'exited',
    createdAt: now,
    startedAt: 0,
    finishedAt: now,
    exitCode: 128,
    oomKilled: false,
    error: message,
    terminationMessage: '',
  });
}

/** Takes over a container's state, unless something newer is known of it. */
export function absorb({ world, env }: PodContext, sandboxId: string, state: ContainerState): void {
  const known = world.find(state.id);
  if (state.id && known?.state.status === 'exited') return;
  world.absorb(sandboxId, state, env.clock.wall(), env.clock.steady());
}
