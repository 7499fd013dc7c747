import type { Node } from '../api/types/core-v1.gen.ts';
import type { Informer } from '../client/informer.ts';

/** Nodes as `krill status` shows them, and a promise for all of them being Ready. */
export interface NodesSeen {
  readonly ready: Promise<void>;
  list(): { readonly name: string; readonly ready: boolean; readonly address: string }[];
}

const isReady = (node: Node) => (node.status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');

/** Follows the informer until every named node is Ready. */
export function watchNodes(informer: Informer<Node>, names: readonly string[], signal: AbortSignal): NodesSeen {
  const missing = new Set(names);
  const ready = new Promise<void>((resolve, reject) => {
    if (missing.size === 0) return resolve();
    const look = (node: Node) => {
      if (!isReady(node)) return;
      missing.delete(node.metadata?.name ?? '');
      if (missing.size > 0) return;
      stop();
      resolve();
    };
    const stop = informer.on({ added: look, updated: (_, node) => look(node) });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  ready.catch(() => undefined);
  return {
    ready,
    list: () =>
      informer.list().map((node) => ({
        name: node.metadata?.name ?? '',
        ready: isReady(node),
        address: node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '',
      })),
  };
}
