import type { Clock } from '../../base/clock.ts';
import type { Dialer } from '../../node/gateway.ts';
import type { Runtime } from '../../node/runtime.ts';
import { endpointOf } from '../probes/endpoint.ts';
import { execCollect } from '../probes/exec.ts';
import { httpGet } from '../probes/http.ts';
import type { Container, LifecycleHandler, Pod } from '../types.ts';

export interface HookTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIP: string;
}

/** A hook that failed, with the text of the event. */
export class HookError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HookError';
  }
}

/** Runs a postStart or preStop handler to its end. Throws `HookError`, or the signal's reason. */
export async function runHook(
  hook: LifecycleHandler,
  target: HookTarget,
  world: { readonly runtime: Runtime; readonly dialer: Dialer; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  try {
    if (hook.sleep) return await world.clock.sleep(hook.sleep.seconds * 1000, signal);
    if (hook.exec) return await runExec(hook.exec.command ?? [], target, world.runtime, signal);
    if (hook.httpGet) return await runHttp(hook.httpGet, target, world.dialer, signal);
  } catch (error) {
    if (signal.aborted || error instanceof HookError) throw error;
    throw new HookError(error instanceof Error ? error.message : String(error), error);
  }
  throw new HookError('invalid handler: no action was specified');
}

async function runExec(
  command: readonly string[],
  target: HookTarget,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<void> {
  const node = target.pod.spec.nodeName ?? '';
  const { exitCode } = await execCollect(runtime, node, target.containerId, command, signal);
  if (exitCode !== 0) {
    throw new HookError(`command '${command.join(' ')}' exited with ${exitCode}: `);
  }
}

async function runHttp(
  action: NonNullable<LifecycleHandler['httpGet']>,
  { pod, container, podIP }: HookTarget,
  dialer: Dialer,
  signal: AbortSignal,
): Promise<void> {
  const endpoint = endpointOf(pod, container, podIP, action);
  await httpGet(dialer, endpoint, action, 'kube-lifecycle/1.36', signal);
}
