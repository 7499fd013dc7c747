import type { Engine } from '../../engine/engine.ts';
import { EngineError, isConflict, isNotFound } from '../../engine/errors.ts';
import type { ContainerInspect } from '../../engine/types.ts';
import { type ContainerSpec, type ContainerState, StartError } from '../../node/runtime.ts';
import { containerName, diskRoot, label, labelsOf, podFolder } from './names.ts';
import type { DockerNodes } from './nodes.ts';
import { appConfig, type PodContext } from './pod-containers.ts';
import type { Sandboxes } from './sandboxes.ts';
import { quote, ScriptError } from './shell.ts';
import { containerState } from './states.ts';
import { hostRoot } from './wiring.ts';

/** Where upstream's kubelet keeps seccomp profiles. */
const seccompFolder = '/var/lib/kubelet/seccomp';
/** As much of a termination message as upstream keeps. */
const messageLimit = 4096;

/** Starts and ends the containers of pods. */
export class Containers {
  readonly #engine: Engine;
  readonly #nodes: DockerNodes;
  readonly #sandboxes: Sandboxes;
  readonly #context: PodContext;
  #joins = false;

  constructor(engine: Engine, nodes: DockerNodes, sandboxes: Sandboxes, context: PodContext) {
    this.#engine = engine;
    this.#nodes = nodes;
    this.#sandboxes = sandboxes;
    this.#context = context;
  }

  async start(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerState> {
    const [sandbox, log, seccomp] = await Promise.all([
      this.#sandboxes.shape(spec.sandboxId, signal),
      this.#terminationLog(spec, signal),
      this.#seccompProfile(spec, signal),
    ]);
    const name = containerName(this.#context.cluster.name, spec.pod.uid, spec.name, spec.attempt);
    try {
      await this.#engine.containers.create(name, appConfig(this.#context, spec, sandbox, log, seccomp), signal);
    } catch (error) {
      if (!isConflict(error)) throw refused('CreateContainerError', error);
    }
    const before = await this.#engine.containers.inspect(name, signal);
    if (before && before.State.Status !== 'created') return this.#state(before, signal);
    try {
      await this.#engine.containers.start(name, signal);
    } catch (error) {
      throw refused(startReason(error), error);
    }
    const started = await this.#engine.containers.inspect(name, signal);
    if (!started) throw new StartError('RunContainerError', `container ${spec.name} was removed while it started`);
    if (!this.#joins) await this.#checkJoined(spec, started, signal);
    return this.#state(started, signal);
  }

  /** Once in this process: the engine has put the container into the namespace the sandbox is in now, not at its start. */
  async #checkJoined(spec: ContainerSpec, started: ContainerInspect, signal: AbortSignal): Promise<void> {
    const sandbox = await this.#engine.containers.inspect(spec.sandboxId, signal);
    if (!sandbox?.State.Running || !started.State.Running) return;
    if (labelsOf(sandbox)[label.network] !== 'pod') return;
    const [a, b] = [sandbox.State.Pid, started.State.Pid];
    const same = `[ ! -e /proc/${b} ] || [ "$(readlink /proc/${a}/ns/net)" = "$(readlink /proc/${b}/ns/net)" ]`;
    const joined = await this.#nodes
      .get(spec.node)
      .net.run(same, signal)
      .then(
        () => true,
        (error) => {
          if (error instanceof ScriptError) return false;
          throw error;
        },
      );
    this.#joins = joined;
    if (joined) return;
    this.#context.ownNetworks = false;
    await this.#engine.containers.remove(started.Id, signal);
    throw new StartError(
      'RunContainerError',
      'the engine did not join the container to its sandbox; trying another way',
    );
  }

  async stop(id: string, graceSeconds: number, signal: AbortSignal): Promise<ContainerState> {
    const found = await this.#engine.containers.inspect(id, signal);
    if (!found) return goneState(id);
    if (found.State.Paused) await this.#engine.containers.unpause(id, signal).catch(() => undefined);
    if (found.State.Running) {
      try {
        if (graceSeconds > 0) await this.#engine.containers.stop(id, Math.ceil(graceSeconds), signal);
        else await this.#kill(id, signal);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return (await this.inspect(id, signal)) ?? goneState(id);
  }

  async #kill(id: string, signal: AbortSignal): Promise<void> {
    await this.#engine.containers.kill(id, 'SIGKILL', signal);
    await this.#engine.containers.wait(id, signal);
  }

  async inspect(id: string, signal: AbortSignal): Promise<ContainerState | undefined> {
    const found = await this.#engine.containers.inspect(id, signal);
    return found && this.#state(found, signal);
  }

  /** A container of this node by id, as the engine knows it. Throws kubelet's words when it is gone. */
  async find(id: string, signal: AbortSignal): Promise<ContainerInspect> {
    const found = await this.#engine.containers.inspect(id, signal);
    if (!found) throw new Error(`container not found ("${id}")`);
    return found;
  }

  async #state(found: ContainerInspect, signal: AbortSignal): Promise<ContainerState> {
    const ended = !found.State.Running && found.State.Status !== 'created';
    return containerState(found, ended ? await this.#terminationMessage(found, signal) : '');
  }

  /** The empty file that is mounted as the container's termination log. */
  async #terminationLog(spec: ContainerSpec, signal: AbortSignal): Promise<string | undefined> {
    if (!spec.terminationMessagePath) return undefined;
    const folder = `${podFolder(diskRoot, this.#context.cluster.name, spec.node, spec.pod.uid)}/containers/${spec.name}`;
    const path = `${folder}/${spec.attempt}`;
    const script = `mkdir -p ${quote(folder)} && { [ -e ${quote(path)} ] || : >${quote(path)}; } && chmod 666 ${quote(path)}`;
    await this.#nodes.get(spec.node).files.run(script, signal);
    return path;
  }

  /** The text of a profile kept on the engine's host, where upstream's kubelet looks for it. */
  async #seccompProfile(spec: ContainerSpec, signal: AbortSignal): Promise<string | undefined> {
    const { type, localhostProfile = '' } = spec.security.seccomp ?? {};
    if (type !== 'Localhost') return undefined;
    const path = `${seccompFolder}/${localhostProfile}`;
    try {
      return await this.#nodes.get(spec.node).files.run(`${hostRoot}\ncat "$H"${quote(path)}`, signal);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      const words = `failed to generate security options for container "${spec.name}": cannot load seccomp profile "${path}"`;
      throw new StartError('CreateContainerError', words, error);
    }
  }

  async #terminationMessage(found: ContainerInspect, signal: AbortSignal): Promise<string> {
    const labels = labelsOf(found);
    const node = this.#nodes.find(labels[label.node] ?? '');
    if (!node?.runs) return '';
    const folder = podFolder(diskRoot, this.#context.cluster.name, node.name, labels[label.podUid] ?? '');
    const path = `${folder}/containers/${labels[label.container]}/${labels[label.attempt]}`;
    // The container may have put a link in its place; only a plain file is read.
    const script = `[ -f ${quote(path)} ] && [ ! -L ${quote(path)} ] && tail -c ${messageLimit} ${quote(path)}; true`;
    return node.files.run(script, signal).catch(() => '');
  }
}

/** Words of the runtime that mean that the command itself cannot be run. */
function startReason(error: unknown): string {
  return error instanceof EngineError && error.status === 404 ? 'CreateContainerError' : 'RunContainerError';
}

function refused(reason: string, error: unknown): Error {
  return error instanceof EngineError ? new StartError(reason, error.message, error) : (error as Error);
}

/** What is said of a container that nobody remembers, as upstream: it ended in an unknown way. */
function goneState(id: string): ContainerState {
  return {
    id,
    name: '',
    attempt: 0,
    image: '',
    imageId: '',
    labels: {},
    status: 'exited',
    createdAt: 0,
    startedAt: 0,
    finishedAt: 0,
    exitCode: 137,
    oomKilled: false,
    error: '',
    terminationMessage: '',
  };
}
