import { pods } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import { type Clock, timestamp } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { Framework } from './framework.ts';
import type { AttemptResult, SchedulerMetrics } from './metrics.ts';
import { observed } from './observed.ts';
import type { QueuedPod } from './queue/queued-pod.ts';

export interface ReportTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SchedulerMetrics;
}

/** Why a pod waits: no node takes it, or something went wrong on the way to one. */
export type NotPlaced = 'Unschedulable' | 'SchedulerError';

const results: Readonly<Record<NotPlaced, AttemptResult>> = { Unschedulable: 'unschedulable', SchedulerError: 'error' };

/** Events hold no more than this (NoteLengthLimit). */
const longest = 1024;
const ellipsis = ' ...';

const truncated = (message: string) =>
  message.length <= longest ? message : message.slice(0, longest - ellipsis.length) + ellipsis;

/** Tells the user why a pod is not placed: an event each time, the condition when it changes. */
export async function report(
  { client, clock, log, metrics }: ReportTools,
  pod: QueuedPod,
  { events }: Framework,
  message: string,
  reason: NotPlaced,
  signal: AbortSignal,
): Promise<void> {
  metrics.attempted(pod, results[reason]);
  const { info } = pod;
  events.event(info.pod, 'Warning', 'FailedScheduling', truncated(message));
  const current = info.pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const generation = observed(info.pod);
  const told = current?.status === 'False' && current.reason === reason && current.message === message;
  if (told && current.observedGeneration === generation.observedGeneration) return;
  const lastTransitionTime =
    current?.status === 'False' && current.lastTransitionTime ? current.lastTransitionTime : timestamp(clock.wall());
  const condition = { type: 'PodScheduled', ...generation, status: 'False', reason, message, lastTransitionTime };
  const { namespace, name, uid } = info;
  const body = { metadata: { uid }, status: { conditions: [condition] } };
  try {
    const options = { subresource: 'status', signal };
    await client.resource(pods).patch({ namespace, name }, { type: 'strategic', body }, options);
  } catch (error) {
    if (signal.aborted || isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return;
    log.warn('The condition of an unschedulable pod could not be written', { pod: `${namespace}/${name}`, error });
  }
}
