import type { Clock } from '../../base/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import { isNotRunning } from '../../engine/errors.ts';
import { type EngineProcess, replayOf } from '../../engine/process.ts';
import type { AttachOptions, ExecOptions, StreamOptions } from '../../node/gateway.ts';
import type { StreamedProcess } from '../../stream/process.ts';
import type { DockerNode } from './node.ts';

/** Runs a command in a container; killing it kills the command itself, through the node that sees all processes. */
export async function execIn(
  engine: Engine,
  clock: Clock,
  node: DockerNode,
  containerId: string,
  options: ExecOptions,
  signal: AbortSignal,
): Promise<StreamedProcess> {
  const { command, stdin, tty } = options;
  const process = await engine.containers.exec(containerId, { command, stdin, tty }, signal);
  return chosen(process, options, signal, () => {
    killCommand(engine, clock, node, containerId, process.id)
      .catch(() => undefined)
      .finally(() => process.kill());
  });
}

/** The engine tells a command's process id only when it has really started, and has no call that ends one. */
async function killCommand(
  engine: Engine,
  clock: Clock,
  node: DockerNode,
  containerId: string,
  execId: string,
): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const state = await engine.containers.inspectExec(execId);
    if (!state?.Running) return;
    if (state.Pid) {
      const owned = `grep -q ${containerId} /proc/${state.Pid}/cgroup`;
      await node.net.run(`${owned} && kill -9 ${state.Pid}; true`);
    }
    await clock.sleep(10);
  }
}

/**
 * Joins the streams of a container's first process; of one that has ended, replays what is asked for. An exit code is not
 * the session's: upstream ends every attach well, and kubectl takes the code from the pod.
 */
export async function attachTo(
  engine: Engine,
  containerId: string,
  tty: boolean,
  options: AttachOptions,
  signal: AbortSignal,
): Promise<StreamedProcess> {
  const request = { stdin: options.stdin, tty, replayFrom: options.replayFrom };
  const process = await engine.containers.attach(containerId, request, signal).catch(async (error: unknown) => {
    if (options.replayFrom === undefined || !isNotRunning(error)) throw error;
    const whole = { stdout: true, stderr: true, follow: false, timestamps: false };
    return replayOf(await engine.containers.logs(containerId, whole, signal), request);
  });
  return chosen(process, { ...options, tty }, signal, () => process.kill());
}

/** Only the streams that were asked for; the others are read and dropped, or they would stop the process. */
function chosen(
  process: EngineProcess,
  options: StreamOptions,
  signal: AbortSignal,
  kill: () => void,
): StreamedProcess {
  signal.addEventListener('abort', kill, { once: true });
  const forget = () => signal.removeEventListener('abort', kill);
  process.exit.then(forget, forget);
  if (!options.stdout) process.stdout.resume();
  if (!options.stderr) process.stderr?.resume();
  return {
    ...(options.stdin && process.stdin && { stdin: process.stdin }),
    ...(options.stdout && { stdout: process.stdout }),
    ...(options.stderr && process.stderr && { stderr: process.stderr }),
    exit: process.exit,
    resize: process.resize,
    kill,
  };
}
