import { daemonSets } from '../../api/kinds.gen.ts';
import { nodeSelector } from '../../api/node-selector.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod, PodTemplateSpec, Taint, Toleration } from '../../api/types/core-v1.gen.ts';
import { controllerReference } from '../ownership.ts';
import { podFromTemplate } from '../pod-template.ts';
import { tolerates } from '../taints.ts';
import { versionLabels, versionOf } from './version.ts';

/** What every daemon pod tolerates, so that it runs on nodes in trouble. Source: upstream's AddOrUpdateDaemonPodTolerations. */
const always: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const onHostNetwork: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The template's tolerations; where it has one of the above for a while only, that becomes one without an end. */
function tolerationsOf(template: PodTemplateSpec): Toleration[] {
  const given = template.spec?.hostNetwork ? [...always, onHostNetwork] : always;
  const others = (template.spec?.tolerations ?? []).filter((own) => !given.some((t) => isLike(own, t)));
  return [...others, ...given];
}

const isLike = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key && a.effect === b.effect && a.operator === b.operator && !a.value;

/**
 * The pod of a node: bound by the scheduler through an affinity to the node's very name, which stands for all that the
 * template requires of nodes. Source: upstream's ReplaceDaemonSetPodNodeNameNodeAffinity.
 */
export function podFor(set: DaemonSet, node: string, revision: string): Mutable<Pod> {
  const { namespace, name } = set.metadata;
  const template = set.spec!.template;
  const pod = podFromTemplate(template, { name: name!, namespace: namespace! }, controllerReference(set, daemonSets));
  pod.metadata.labels = { ...pod.metadata.labels, ...versionLabels(versionOf(set, revision)) };
  const fields = [{ key: 'metadata.name', operator: 'In' as const, values: [node] }];
  const affinity = thaw(template.spec?.affinity ?? {});
  affinity.nodeAffinity = {
    ...affinity.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: fields }] },
  };
  pod.spec!.affinity = affinity;
  pod.spec!.tolerations = thaw(tolerationsOf(template));
  return pod;
}

/** The node a daemon pod is meant for: bound to it, or asking for it by name. */
export function nodeOf(pod: Pod): string | undefined {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.find((field) => field.key === 'metadata.name')?.values?.[0];
}

/** Whether the set wants a pod on the node, and whether one that is there may stay. */
export interface Placement {
  readonly run: boolean;
  readonly stay: boolean;
}

/** What a set wants of a node that is not for it, or not there. */
export const nowhere: Placement = { run: false, stay: false };

const hard = (taint: Taint) => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';

/** Compares the template's demands with a node. Resources and ports are the scheduler's business. */
export function placementOn(set: DaemonSet, node: Node): Placement {
  const spec = set.spec!.template.spec;
  if (spec?.nodeName && spec.nodeName !== node.metadata.name) return nowhere;
  if (!matchesNode(set.spec!.template, node)) return nowhere;
  const tolerations = tolerationsOf(set.spec!.template);
  const refused = (node.spec?.taints ?? []).filter(
    (taint) => hard(taint) && !tolerations.some((t) => tolerates(t, taint)),
  );
  return { run: refused.length === 0, stay: !refused.some((taint) => taint.effect === 'NoExecute') };
}

function matchesNode(template: PodTemplateSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(template.spec?.nodeSelector ?? {});
  if (!selector.every(([key, value]) => labels[key] === value)) return false;
  const required = template.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || nodeSelector(required)({ name: node.metadata.name ?? '', labels });
}
