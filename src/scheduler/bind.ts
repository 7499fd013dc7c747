import { pods } from '../api/kinds.gen.ts';
import type { Client } from '../client/client.ts';
import type { PodInfo } from './pod-info.ts';

/** Binds a pod to a node for good. Throws what the API server answers. */
export async function bind(client: Client, pod: PodInfo, node: string, signal: AbortSignal): Promise<void> {
  const { namespace, name, uid } = pod;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { namespace, name, uid },
    target: { kind: 'Node', name: node },
  };
  await client.resource(pods).createSubresource({ namespace, name }, 'binding', binding, { signal });
}
