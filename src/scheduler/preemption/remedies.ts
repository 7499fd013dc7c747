import type { Logger } from '../../base/log.ts';
import type { Framework } from '../framework.ts';
import type { PodInfo } from '../state/pod-info.ts';

interface RemedyTools {
  readonly log: Logger;
  /** Takes work that the scheduler waits for before it ends. */
  spawn(work: Promise<void>): void;
}

/** Lets plugins help a pod that no node takes, before others are evicted for it. Returns what the pod is told of that. */
export function tryRemedies(
  { log, spawn }: RemedyTools,
  pod: PodInfo,
  { postFilters }: Framework,
  signal: AbortSignal,
): string[] {
  return postFilters.flatMap((plugin) => {
    const remedy = plugin.postFilter?.(pod);
    if (!remedy) return [];
    // What fails is tried again with the pod.
    const failed = (error: unknown) => {
      if (signal.aborted) return;
      log.warn('A plugin could not help a pod', { pod: `${pod.namespace}/${pod.name}`, plugin: plugin.name, error });
    };
    if (remedy.work) spawn(remedy.work(signal).catch(failed));
    return [remedy.message];
  });
}
