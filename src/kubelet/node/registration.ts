import { nodes } from '../../api/kinds.gen.ts';
import { isStatus } from '../../api/status.ts';
import type { Client } from '../../client/client.ts';
import type { ImageInfo, NodeMachine, NodeSpec, Runtime } from '../../node/runtime.ts';
import { isRestrictedNodeLabel } from '../../resources/rules/node-labels.ts';
import type { Node } from '../types.ts';
import { nodeLabels, nodeObject, nodeStatus, wantedLabels } from './node-object.ts';

/** What a node needs to report itself. */
export interface NodeReport {
  /** As the node itself. */
  readonly client: Client;
  /** For what a node may not say of itself. */
  readonly registrar: Client;
  readonly spec: NodeSpec;
  readonly machine: NodeMachine;
  readonly runtime: Runtime;
  readonly images: readonly ImageInfo[];
  /** Wall time, milliseconds. */
  readonly now: number;
}

/**
 * Makes the Node object, ready from the first moment, or brings one that is there up to date; the status of one that
 * is `staged` is others' to write.
 */
export async function registerNode(
  report: NodeReport,
  staged: (existing: Node) => boolean,
  signal: AbortSignal,
): Promise<Node> {
  const { client, registrar, spec, machine, runtime, images, now } = report;
  const labels = nodeLabels(machine, wantedLabels(spec));
  const resource = (Object.keys(labels).some(isRestrictedNodeLabel) ? registrar : client).resource(nodes);
  try {
    if (!spec.adopted) return await resource.create(nodeObject(spec, machine, runtime, images, now), { signal });
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  }
  const existing = await resource.get({ name: machine.name }, { signal });
  const stale = Object.entries(labels).some(([key, value]) => existing.metadata.labels?.[key] !== value);
  if (stale) await resource.mergePatch({ name: machine.name }, { metadata: { labels } }, { signal });
  return staged(existing) ? existing : reportNode(report, existing, signal);
}

/** Writes the node's status as it is now; a mere heartbeat may be `lazy`. */
export function reportNode(report: NodeReport, before: Node, signal: AbortSignal, lazy = false): Promise<Node> {
  const { client, machine, runtime, images, now } = report;
  const status = nodeStatus(machine, runtime, images, before.status, now);
  const patch = { type: 'strategic' as const, body: { status } };
  return client
    .resource(nodes)
    .patch({ name: machine.name }, patch, { subresource: 'status', signal, ...(lazy && { lazy }) });
}
