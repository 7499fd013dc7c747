import { nodeTerm } from '../../../src/api/node-selector.ts';
import { type LabelSelector, labelSelectorOf } from '../../../src/api/selector.ts';
import type { Node, Pod, PodAffinityTerm } from '../../../src/api/types/core-v1.gen.ts';
import { tolerates } from '../../../src/scheduler/rules/tolerations.ts';
import type { NodeSlot } from '../../../src/scheduler/state/node-table.ts';

/** The rules of inter-pod affinity and of topology spread, read off upstream's words pod by pod: slow and plain. */

export interface Placed {
  readonly pod: Pod;
  readonly node: Node;
}

export interface Cluster {
  readonly nodes: readonly Node[];
  readonly placed: readonly Placed[];
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const label = (node: Node, key: string): string | undefined => node.metadata?.labels?.[key];
const labelsOf = (pod: Pod) => pod.metadata?.labels ?? {};

function means(term: PodAffinityTerm, owner: Pod, pod: Pod, { namespaces }: Cluster): boolean {
  const namespace = pod.metadata?.namespace ?? '';
  const named = term.namespaces ?? [];
  const own = named.length === 0 && !term.namespaceSelector && namespace === owner.metadata?.namespace;
  const selected = term.namespaceSelector && labelSelectorOf(term.namespaceSelector).matches(namespaces[namespace]);
  return (own || named.includes(namespace) || !!selected) && labelSelectorOf(term.labelSelector).matches(labelsOf(pod));
}

/** Whether inter-pod affinity lets a pod onto a node. */
export function affinityAllows(pod: Pod, node: Node, cluster: Cluster): boolean {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const together = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const same = (term: PodAffinityTerm, other: Node) =>
    label(node, term.topologyKey) !== undefined && label(node, term.topologyKey) === label(other, term.topologyKey);
  const company = cluster.placed.filter((other) => together.every((term) => means(term, pod, other.pod, cluster)));
  const anywhere = company.some((other) => together.some((term) => label(other.node, term.topologyKey) !== undefined));
  const first = !anywhere && together.every((term) => means(term, pod, pod, cluster));
  for (const term of together) {
    if (label(node, term.topologyKey) === undefined) return false;
    if (!first && !company.some((other) => same(term, other.node))) return false;
  }
  for (const term of podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    if (cluster.placed.some((other) => same(term, other.node) && means(term, pod, other.pod, cluster))) return false;
  }
  return !cluster.placed.some((other) =>
    (other.pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
      (term) => same(term, other.node) && means(term, other.pod, pod, cluster),
    ),
  );
}

function honours(pod: Pod, node: Node, affinity: boolean, taints: boolean): boolean {
  const { nodeSelector = {}, affinity: wishes, tolerations } = pod.spec ?? {};
  const required = wishes?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const slot = { name: node.metadata!.name!, labels: node.metadata?.labels ?? {} } as unknown as NodeSlot;
  if (affinity && Object.entries(nodeSelector).some(([key, value]) => label(node, key) !== value)) return false;
  if (affinity && required && !required.some((term) => nodeTerm(term)(slot))) return false;
  const hard = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return !taints || hard.every((taint) => tolerates(tolerations, taint));
}

/** Whether the hard topology spread constraints of a pod let it onto a node. */
export function spreadAllows(pod: Pod, node: Node, { nodes, placed }: Cluster): boolean {
  const hard = (pod.spec?.topologySpreadConstraints ?? []).filter((c) => c.whenUnsatisfiable === 'DoNotSchedule');
  const counted = (selector: LabelSelector, other: Pod) =>
    other.metadata?.namespace === pod.metadata?.namespace &&
    !other.metadata?.deletionTimestamp &&
    selector.matches(labelsOf(other));
  return hard.every(({ topologyKey, labelSelector, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy }) => {
    const selector = labelSelectorOf(labelSelector);
    const counts = new Map<string, number>();
    for (const other of nodes) {
      if (hard.some((constraint) => label(other, constraint.topologyKey) === undefined)) continue;
      if (!honours(pod, other, nodeAffinityPolicy !== 'Ignore', nodeTaintsPolicy === 'Honor')) continue;
      const here = placed.filter(({ node: at, pod: its }) => at === other && counted(selector, its)).length;
      const value = label(other, topologyKey)!;
      counts.set(value, (counts.get(value) ?? 0) + here);
    }
    const own = label(node, topologyKey);
    if (own === undefined) return false;
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
    return (counts.get(own) ?? 0) + (selector.matches(labelsOf(pod)) ? 1 : 0) - least <= maxSkew;
  });
}
