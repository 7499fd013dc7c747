import type { Pod } from '../../api/types/core-v1.gen.ts';
import { replacedLabel } from '../rules/node-labels.ts';

/** What a user probably did not mean. Source: pkg/api/pod warnings.go. */

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
    const text = replacedLabel(key);
    if (text) found.push(`${path}.nodeSelector[${key}]: ${text}`);
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
