import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { asksFor, type ClusterEvent, type EventHint } from '../../../../src/scheduler/events/events.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';

/** Whether some event wakes a waiting pod that the plugin of these hints has refused. */
export function wakes(hints: readonly EventHint[], waiting: Pod, events: readonly ClusterEvent[]): boolean {
  return events.some((event) =>
    hints.some((hint) => {
      if (!asksFor(hint, event)) return false;
      const test = hint.hint?.(event) ?? true;
      return typeof test === 'boolean' ? test : test(podInfo(waiting));
    }),
  );
}
