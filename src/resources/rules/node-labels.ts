import type { LabelSelectorLike } from '../../api/selector.ts';

/** Labels of nodes that have newer names. Source: pkg/api/node util.go. */

const replaced: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** What to say of a label's key, nothing when it is a good one. */
export const replacedLabel = (key: string): string | undefined =>
  Object.hasOwn(replaced, key) ? replaced[key] : undefined;

/** Warnings about a selector of nodes by their labels. */
export function nodeLabelWarnings(selector: LabelSelectorLike | undefined, path: string): string[] {
  const expressions = (selector?.matchExpressions ?? []).flatMap(({ key }, i) => {
    const text = replacedLabel(key ?? '');
    return text ? [`${path}.matchExpressions[${i}].key: ${key} is ${text}`] : [];
  });
  const labels = Object.keys(selector?.matchLabels ?? {}).flatMap((key) => {
    const text = replacedLabel(key);
    return text ? [`${path}.matchLabels.${key}: ${text}`] : [];
  });
  return [...expressions, ...labels];
}

const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'node.kubernetes.io/windows-build',
]);

const lies = (domain: string, below: string): boolean => domain === below || domain.endsWith(`.${below}`);
const ofNodes = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const ofKubernetes = ['kubernetes.io', 'k8s.io'];

/**
 * Whether nodes may not say a label of themselves, since they could draw to them what is not meant for them.
 * Source: plugin/pkg/admission/noderestriction and kubelet `pkg/apis/well_known_labels.go`.
 */
export function isRestrictedNodeLabel(key: string): boolean {
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
  if (lies(domain, 'node-restriction.kubernetes.io')) return true;
  if (kubeletLabels.has(key) || ofNodes.some((below) => lies(domain, below))) return false;
  return ofKubernetes.some((below) => lies(domain, below));
}
