import type { EventHint } from '../events/events.ts';

/** What a pod that names a node which is not there waits for (NodeName.EventsToRegister). */
export const nodeNameEvents: readonly EventHint[] = [{ resource: 'Node', actions: ['Add'] }];
