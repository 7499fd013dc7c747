import { pods } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { ContainerState } from '../../node/runtime.ts';
import type { Container } from '../types.ts';
import type { Step } from './draft.ts';
import { type PodContext, podIPs } from './environment.ts';
import { runHook } from './hooks.ts';
import { anyAlive } from './observed.ts';

type StepOf<K extends Step['do']> = Extract<Step, { readonly do: K }>;

/** Whatever a hook used up, the container gets this much. Source: kubelet `minimumGracePeriodInSeconds`. */
const minimumGrace = 2;

/** preStop hook, then the stop signal, then the kill, all within the grace period. */
export async function stopContainer(
  context: PodContext,
  step: StepOf<'stop-container'>,
  signal: AbortSignal,
): Promise<void> {
  const { env, pod, world } = context;
  const { container, instance, graceSeconds } = step;
  const { id } = instance.state;
  if (env.runtime.runsProcesses && !context.hooked.has(`told/${id}`)) {
    context.hooked.add(`told/${id}`);
    env.tell(pod, container, 'Normal', 'Killing', step.message);
  }
  const began = env.clock.steady();
  if (container && step.hook) await preStop(context, container, id, graceSeconds, signal);
  const delay = (container && context.play?.of(container).stopDelay) ?? 0;
  if (delay > 0) await env.clock.sleep(Math.min(delay, graceSeconds * 1000), signal);
  const used = Math.floor((env.clock.steady() - began) / 1000);
  const left = used > 0 ? Math.max(minimumGrace, graceSeconds - used) : graceSeconds;
  const final = await env.runtime.stopContainer(env.node, id, left, signal);
  const complete = await withLogMessage(context, final, signal);
  world.absorb(instance.sandboxId, complete, env.clock.wall(), env.clock.steady());
}

async function preStop(
  context: PodContext,
  container: Container,
  containerId: string,
  graceSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const { env, pod } = context;
  const hook = container.lifecycle?.preStop;
  if (!hook || !env.runtime.runsProcesses || graceSeconds <= 0 || context.hooked.has(containerId)) return;
  context.hooked.add(containerId);
  const limit = new AbortController();
  const timer = env.clock.after(graceSeconds * 1000, () => limit.abort(new DOMException('too long', 'TimeoutError')));
  try {
    const podIP = podIPs(context)[0] ?? '';
    await runHook(hook, { pod, container, containerId, podIP }, env, AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    signal.throwIfAborted();
    env.log.debug('preStop hook failed', { pod: pod.metadata.name, container: container.name, error });
    if (!limit.signal.aborted) env.tell(pod, container, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
  } finally {
    timer.cancel();
  }
}

/** Source: kubelet `MaxContainerTerminationMessageLogLength` and `MaxContainerTerminationMessageLogLines`. */
const logBytes = 2048;
const logLines = 80;

/** FallbackToLogsOnError: a failed container without a message of its own says the end of its log. */
export async function withLogMessage(
  { env, pod }: PodContext,
  state: ContainerState,
  signal: AbortSignal,
): Promise<ContainerState> {
  if (state.status !== 'exited' || state.exitCode === 0 || state.terminationMessage || !state.id) return state;
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = all.find((c) => c.name === state.name);
  if (container?.terminationMessagePolicy !== 'FallbackToLogsOnError' || !env.runtime.runsProcesses) return state;
  try {
    const stream = await env.runtime.logs(env.node, state.id, { tailLines: logLines }, signal);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
    const tail = Buffer.concat(chunks).subarray(-logBytes);
    return { ...state, terminationMessage: tail.toString('utf8') };
  } catch (error) {
    signal.throwIfAborted();
    return { ...state, terminationMessage: `Error on reading termination message from logs: ${String(error)}` };
  }
}

export async function stopSandbox(
  context: PodContext,
  step: StepOf<'stop-sandbox'>,
  signal: AbortSignal,
): Promise<void> {
  const { env, world } = context;
  await env.runtime.stopSandbox(env.node, step.sandboxId, signal);
  if (world.sandbox?.id === step.sandboxId) world.sandbox = { ...world.sandbox, running: false };
  if (anyAlive(world)) await context.inspectAll(signal);
}

export async function removeContainer(
  { env, world }: PodContext,
  { instance }: StepOf<'remove-container'>,
  signal: AbortSignal,
): Promise<void> {
  await env.runtime.removeContainer(env.node, instance.state.id, signal);
  world.forget(instance.state.id);
}

export async function removeSandbox(
  { env, world }: PodContext,
  { sandboxId }: StepOf<'remove-sandbox'>,
  signal: AbortSignal,
): Promise<void> {
  await env.runtime.removeSandbox(env.node, sandboxId, signal);
  world.older = world.older.filter((id) => id !== sandboxId);
}

/** Tells the API that nothing of the pod runs any more: the object goes. */
export async function deleteObject({ env, pod }: PodContext, signal: AbortSignal): Promise<void> {
  const { namespace = '', name = '', uid } = pod.metadata;
  const options = { gracePeriodSeconds: 0, ...(uid && { preconditions: { uid } }), signal };
  try {
    await env.client.resource(pods).delete({ namespace, name }, options);
  } catch (error) {
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
  }
}

/** Removes containers, sandboxes and files of a pod that is gone. */
export async function cleanUp({ env, world, files }: PodContext, signal: AbortSignal): Promise<void> {
  const sandboxes = [...world.older, ...(world.sandbox ? [world.sandbox.id] : [])];
  await Promise.all(sandboxes.map((id) => env.runtime.removeSandbox(env.node, id, signal)));
  if (env.runtime.runsProcesses) await files.removeAll(signal);
}
