import type { EngineEvent } from '../../engine/types.ts';
import type { RuntimeEvent } from '../../node/runtime.ts';
import { label } from './names.ts';

const containerActions: Readonly<Record<string, 'started' | 'died' | 'removed' | 'oom'>> = {
  start: 'started',
  die: 'died',
  destroy: 'removed',
  oom: 'oom',
};
const nodeActions: Readonly<Record<string, 'started' | 'stopped' | 'paused' | 'unpaused'>> = {
  start: 'started',
  die: 'stopped',
  pause: 'paused',
  unpause: 'unpaused',
};
const networkActions: Readonly<Record<string, 'attached' | 'detached'>> = {
  connect: 'attached',
  disconnect: 'detached',
};

/** Where an event of the engine happened, for those that concern nodes' cables. */
export interface Lookup {
  readonly cluster: string;
  readonly network: string;
  /** The node whose container has this id. */
  nodeOf(containerId: string): string | undefined;
}

/** What an engine event means for this cluster; undefined when nothing. */
export function runtimeEvent(event: EngineEvent, lookup: Lookup): RuntimeEvent | undefined {
  const { ID: id, Attributes: attributes } = event.Actor;
  if (event.Type === 'network') {
    const what = networkActions[event.Action];
    const node = attributes['container'] && lookup.nodeOf(attributes['container']);
    return what && node && attributes['name'] === lookup.network ? { type: 'node', node, what } : undefined;
  }
  if (event.Type !== 'container' || attributes[label.cluster] !== lookup.cluster) return undefined;
  const node = attributes[label.node] ?? '';
  const podUid = attributes[label.podUid] ?? '';
  if (attributes[label.role] === 'node') {
    const what = nodeActions[event.Action];
    return what && { type: 'node', node, what };
  }
  const what = containerActions[event.Action];
  if (!what) return undefined;
  if (attributes[label.role] === 'container') return { type: 'container', node, podUid, containerId: id, what };
  if (what === 'died' || what === 'removed') return { type: 'sandbox', node, podUid, sandboxId: id, what };
  return undefined;
}
