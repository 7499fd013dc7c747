import type { EventHint } from '../events/events.ts';
import { isAboutPod } from './own-update.ts';

/** What a gated pod waits for (SchedulingGates.EventsToRegister). */
export const schedulingGatesEvents: readonly EventHint[] = [
  { resource: 'UnscheduledPod', actions: ['UpdatePodSchedulingGatesEliminated'], hint: isAboutPod },
];
