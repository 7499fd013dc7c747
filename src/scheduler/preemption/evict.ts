import { pods } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import { type Clock, timestamp } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { observed } from '../observed.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { Victims } from './preemption.ts';

interface EvictionTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
}

/** Makes room: marks and deletes the victims and notes on the pod which node it waits for. */
export async function evict(tools: EvictionTools, pod: PodInfo, victims: Victims, signal: AbortSignal): Promise<void> {
  // Who is going already need not be told.
  const staying = victims.pods.filter(({ terminating }) => !terminating);
  await Promise.all(staying.map((victim) => evictOne(tools, pod, victim, victims.node, signal)));
  await nominate(tools.client, pod, victims.node, signal);
}

async function evictOne(
  { client, clock, events }: EvictionTools,
  pod: PodInfo,
  victim: PodInfo,
  node: string,
  signal: AbortSignal,
) {
  const { namespace, name, uid } = victim;
  const condition = {
    type: 'DisruptionTarget',
    ...observed(victim.pod),
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${pod.pod.spec?.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: timestamp(clock.wall()),
  };
  const key = { namespace, name };
  try {
    const body = { metadata: { uid }, status: { conditions: [condition] } };
    await client.resource(pods).patch(key, { type: 'strategic', body }, { subresource: 'status', signal });
    await client.resource(pods).delete(key, { preconditions: { uid }, signal });
    events.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${pod.uid} on node ${node}`);
  } catch (error) {
    // Gone already: the room is made all the same.
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
  }
}

/** Writes status.nominatedNodeName; null takes it away. */
export async function nominate(client: Client, pod: PodInfo, node: string | null, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = pod;
  const body = { metadata: { uid }, status: { nominatedNodeName: node } };
  try {
    await client.resource(pods).patch({ namespace, name }, { type: 'merge', body }, { subresource: 'status', signal });
  } catch (error) {
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
  }
}
