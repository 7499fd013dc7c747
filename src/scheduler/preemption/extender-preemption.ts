import type { Logger } from '../../base/log.ts';
import type { Extender } from '../extender/extender.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { Candidate } from './preemption.ts';

/**
 * Lets extenders say from which of the candidate nodes pods may be evicted, one after the other (Evaluator.callExtenders).
 * Throws what goes wrong with an extender that is not ignorable.
 */
export async function askAboutVictims(
  extenders: readonly Extender[],
  { pod }: PodInfo,
  candidates: readonly Candidate[],
  nodes: NodeTable,
  log: Logger,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  let left = candidates;
  for (const extender of extenders) {
    if (left.length === 0) break;
    if (!extender.config.preemptVerb) continue;
    try {
      const proposed = left.map(({ node, pods, violations }) => {
        return [node, { pods: pods.map((victim) => victim.pod), violations }] as const;
      });
      const answer = await extender.preempt(pod, new Map(proposed), signal);
      left = [...answer].flatMap(([node, victims]) => candidateOf(extender, node, victims, nodes) ?? []);
    } catch (error) {
      if (!extender.config.ignorable) throw error;
      log.info('An extender was skipped in preemption', { extender: extender.name, error });
    }
  }
  return left;
}

function candidateOf(
  extender: Extender,
  node: string,
  { uids, violations }: { readonly uids: readonly string[]; readonly violations: number },
  nodes: NodeTable,
): Candidate | undefined {
  const slot = nodes.slotOf(node);
  if (slot === undefined) throw new Error(`nodeInfo not found for node name ${JSON.stringify(node)}`);
  const pods = uids.map((uid) => {
    const victim = nodes.slots[slot]!.pods.get(uid);
    if (victim) return victim;
    throw new Error(
      `extender: ${extender.name} claims to preempt pod (UID: ${uid}) on node: ${node}, but the pod is not found on that node`,
    );
  });
  if (pods.length > 0) return { node, pods, violations };
  if (extender.config.ignorable) return undefined;
  throw new Error(`expected at least one victim pod on node ${JSON.stringify(node)}`);
}
