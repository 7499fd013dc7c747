import { isStatus } from '../../api/status.ts';
import type { Plugin } from '../plugin.ts';
import type { PodInfo } from '../state/pod-info.ts';

/** A pod could not be bound; the text is what users read. */
export class BindError extends Error {
  /** Whether the pod is gone. */
  readonly gone: boolean;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'BindError';
    this.gone = isStatus(cause, 'NotFound');
  }
}

/** Binds a pod to a node by the first plugin that cares for it (upstream's RunBindPlugins). Throws `BindError`. */
export async function bind(binders: readonly Plugin[], pod: PodInfo, node: string, signal: AbortSignal): Promise<void> {
  for (const { name, bind: tryBinding } of binders) {
    try {
      if (await tryBinding!(pod, node, signal)) return;
    } catch (error) {
      if (error instanceof BindError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new BindError(`running Bind plugin ${JSON.stringify(name)}: ${reason}`, error);
    }
  }
  throw new BindError('every Bind plugin skipped the pod');
}
