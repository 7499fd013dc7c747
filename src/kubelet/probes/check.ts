import type { Clock } from '../../base/clock.ts';
import { dialText } from '../../node/dial-text.ts';
import type { Dialer } from '../../node/gateway.ts';
import type { Runtime } from '../../node/runtime.ts';
import type { Container, Pod, Probe } from '../types.ts';
import { endpointOf } from './endpoint.ts';
import { execCollect } from './exec.ts';
import { grpcHealth } from './grpc.ts';
import { dialled, httpGet, urlOf } from './http.ts';

/** `error` means the check itself could not be made; it counts as a failure of exec-less probes and is told differently. */
export interface CheckResult {
  readonly outcome: 'success' | 'failure' | 'error';
  readonly output: string;
}

export interface CheckTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIP: string;
}

const success = (output = ''): CheckResult => ({ outcome: 'success', output });
const failure = (output: string): CheckResult => ({ outcome: 'failure', output });
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Makes one check of a probe, within its timeout. Never rejects unless `signal` aborts. Texts are kubelet's. */
export async function check(
  target: CheckTarget,
  probe: Probe,
  world: { readonly runtime: Runtime; readonly dialer: Dialer; readonly clock: Clock },
  signal: AbortSignal,
): Promise<CheckResult> {
  const seconds = probe.timeoutSeconds ?? 1;
  const limit = new AbortController();
  const timer = world.clock.after(seconds * 1000, () => limit.abort(new DOMException('timed out', 'TimeoutError')));
  const both = AbortSignal.any([signal, limit.signal]);
  try {
    if (probe.exec) return await checkExec(target, probe.exec.command ?? [], world.runtime, both);
    if (probe.httpGet) return await checkHttp(target, probe.httpGet, world.dialer, both);
    if (probe.tcpSocket) return await checkTcp(target, probe.tcpSocket, world.dialer, both);
    if (probe.grpc) return await checkGrpc(target, probe.grpc, world.dialer, both);
    return {
      outcome: 'error',
      output: `missing probe handler for ${target.pod.metadata.name}:${target.container.name}`,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return explain(target, probe, error, limit.signal.aborted, seconds);
  } finally {
    timer.cancel();
  }
}

async function checkExec(
  target: CheckTarget,
  command: readonly string[],
  runtime: Runtime,
  signal: AbortSignal,
): Promise<CheckResult> {
  const node = target.pod.spec.nodeName ?? '';
  const { exitCode, output } = await execCollect(runtime, node, target.containerId, command, signal);
  return exitCode === 0 ? success(output) : failure(output);
}

async function checkHttp(
  { pod, container, podIP }: CheckTarget,
  action: NonNullable<Probe['httpGet']>,
  dialer: Dialer,
  signal: AbortSignal,
): Promise<CheckResult> {
  const endpoint = endpointOf(pod, container, podIP, action);
  const answer = await httpGet(dialer, endpoint, action, 'kube-probe/1.36', signal);
  if (answer.status >= 200 && answer.status < 400) return success(answer.body);
  return failure(`HTTP probe failed with statuscode: ${answer.status}`);
}

async function checkTcp(
  { pod, container, podIP }: CheckTarget,
  action: NonNullable<Probe['tcpSocket']>,
  dialer: Dialer,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { target } = endpointOf(pod, container, podIP, action);
  const socket = await dialled(dialer, target, signal);
  socket.destroy();
  return success();
}

async function checkGrpc(
  { pod, container, podIP }: CheckTarget,
  action: NonNullable<Probe['grpc']>,
  dialer: Dialer,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { target, address } = endpointOf(pod, container, podIP, action);
  const socket = await dialled(dialer, target, signal);
  try {
    const health = await grpcHealth(socket, address, action.service ?? '', signal);
    return health.serving ? success() : failure(`service unhealthy (responded with "${health.status}")`);
  } finally {
    socket.destroy();
  }
}

/** What kubelet says of a check that could not connect, or took too long. */
function explain(target: CheckTarget, probe: Probe, error: unknown, timedOut: boolean, seconds: number): CheckResult {
  const why = textOf(error);
  if (probe.exec) {
    const command = (probe.exec.command ?? []).join(' ');
    return timedOut
      ? failure(`command timed out: "${command}" timed out after ${seconds}s`)
      : { outcome: 'error', output: `rpc error: code = Unknown desc = ${why}` };
  }
  const action = probe.httpGet ?? probe.tcpSocket;
  let endpoint: ReturnType<typeof endpointOf>;
  try {
    endpoint = endpointOf(target.pod, target.container, target.podIP, action ?? { port: probe.grpc?.port ?? 0 });
  } catch {
    // The port has a name that the container has not.
    return { outcome: 'error', output: why };
  }
  if (probe.httpGet) {
    const cause = timedOut
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : dialText(endpoint.address, error);
    return failure(`Get "${urlOf(probe.httpGet, endpoint)}": ${cause}`);
  }
  if (probe.tcpSocket)
    return failure(timedOut ? `dial tcp ${endpoint.address}: i/o timeout` : dialText(endpoint.address, error));
  return failure(
    timedOut
      ? `timeout: failed to connect service "${endpoint.address}" within ${seconds}s: context deadline exceeded`
      : `error: failed to connect service at "${endpoint.address}": ${dialText(endpoint.address, error)}`,
  );
}
