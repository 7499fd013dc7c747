import type { KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transport } from '../../client/call.ts';
import { type EnsureMode, ensureObjects, type ResourceOf } from './ensure.ts';

/** Objects the cluster cannot do without, and how they are put back. */
export interface Kept {
  readonly objects: readonly KubeObject[];
  readonly mode: EnsureMode;
}

export interface KeepOptions {
  readonly transport: Transport;
  readonly resourceOf: ResourceOf;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked anew each round. In order: what is in a namespace comes after it. */
  readonly kept: () => readonly Kept[];
}

/** How often kube-apiserver looks after `default/kubernetes`. */
const intervalMs = 10_000;

/** Puts back what users delete or change of the objects the cluster itself needs, until the signal aborts. */
export function keepObjects(options: KeepOptions, signal: AbortSignal): Promise<void> {
  const { transport, resourceOf, clock, log, kept } = options;
  return keepUp({ clock, log, intervalMs }, signal, async () => {
    for (const { objects, mode } of kept()) await ensureObjects(transport, resourceOf, objects, mode);
  });
}

/**
 * Works at once; what the API server refuses is tried again in the background until it is done. A webhook that users have
 * configured may refuse anything: that must not keep the server from starting by which they could mend it.
 */
export async function settle(
  { scope, clock, log }: { readonly scope: Scope; readonly clock: Clock; readonly log: Logger },
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    log.error('refused; it is tried again', { what, error });
    const done = new AbortController();
    scope.spawn(what, (signal) =>
      keepUp({ clock, log, intervalMs }, AbortSignal.any([signal, done.signal]), async () => {
        await work();
        done.abort();
      }),
    );
  }
}

/** Works once in every interval, whether or not the work succeeds, until the signal aborts. */
export async function keepUp(
  { clock, log, intervalMs: every }: { readonly clock: Clock; readonly log: Logger; readonly intervalMs: number },
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    // Rejects only when aborted.
    await clock.sleep(every, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      // A namespace that is still being deleted, or a store that takes no writes: the next round tries again.
      log.warn("the cluster's own objects could not be put back yet", { error });
    }
  }
}
