import type { Pod } from '../../api/types/core-v1.gen.ts';

/** What a user probably did not mean. Source: pkg/api/pod warnings.go. */

const replacedNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

type Spec = NonNullable<Pod['spec']>;

function repeatedEnv(spec: Spec, path: string): string[] {
  const found: string[] = [];
  for (const kind of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (spec[kind] ?? []).entries()) {
      const seen = new Set<string>();
      for (const [j, { name, value }] of (container.env ?? []).entries()) {
        if (seen.has(name) && !value?.includes(`$(${name})`)) {
          const what = `${path}.${kind}[${i}].env[${j}]`;
          found.push(`${what}: hides previous definition of "${name}", which may be dropped when using apply`);
        }
        seen.add(name);
      }
    }
  }
  return found;
}

/** Warnings about a pod's spec, wherever it lies. */
export function podSpecWarnings(spec: Spec | undefined, path: string): string[] {
  if (!spec) return [];
  const found: string[] = [];
  for (const key in spec.nodeSelector) {
    if (replacedNodeLabels[key]) found.push(`${path}.nodeSelector[${key}]: ${replacedNodeLabels[key]}`);
  }
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    if (volume.gitRepo) found.push(`${path}.volumes[${i}].gitRepo: deprecated in v1.11`);
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const what = `${path}.terminationGracePeriodSeconds`;
    found.push(`${what}: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  return [...found, ...repeatedEnv(spec, path)];
}

/** An update warns of nothing that has been warned of: the spec hardly changes. */
export function podWarnings(pod: Pod, old: Pod | undefined): string[] {
  return old ? [] : podSpecWarnings(pod.spec, 'spec');
}
