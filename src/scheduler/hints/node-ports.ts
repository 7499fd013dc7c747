import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { type HostPort, hostPorts } from '../state/pod-info.ts';

/** What a pod whose host ports are taken waits for (NodePorts.EventsToRegister). */
export const nodePortsEvents: readonly EventHint[] = [
  { resource: 'AssignedPod', actions: ['Delete'], hint: portsFreed },
  { resource: 'Node', actions: ['Add'] },
];

function portsFreed({ old }: ClusterEvent): PodTest {
  const freed = hostPorts(old as Pod);
  if (freed.length === 0) return false;
  return ({ ports }) => ports.some((wanted) => freed.some((port) => portsConflict(wanted, port)));
}

const anyAddress = '0.0.0.0';

function portsConflict(a: HostPort, b: HostPort): boolean {
  const sameAddress = a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress;
  return a.port === b.port && a.protocol === b.protocol && sameAddress;
}
