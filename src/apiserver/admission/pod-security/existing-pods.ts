import type { Pod } from '../../../api/types/core-v1.gen.ts';
import { podLike } from './check.ts';
import type { PodSecurityConfiguration } from './configuration.ts';
import { type LevelVersion, levelText } from './policy.ts';
import { reasonsOf, violations } from './standards.ts';

/** More pods of a namespace are not looked at. */
const mostPods = 3000;
/** Milliseconds after which no further pod is looked at. */
export const mostTime = 1000;

/** How far a look at pods may go. */
export interface Limits {
  /** Whether the time is up. */
  readonly isLate: () => boolean;
  readonly pods?: number;
}

/**
 * What to tell whoever makes a namespace stricter than its pods are. They stay, and go on.
 * Source: pod-security-admission `admission.go`, EvaluatePodsInNamespace.
 */
export function warningsOfExisting(
  namespace: string,
  enforced: LevelVersion,
  pods: readonly Pod[],
  { isLate, pods: most = mostPods }: Limits,
  exempt: PodSecurityConfiguration['exemptions'],
): string[] {
  const asked = inOrder(pods.filter(({ spec }) => !exempt.runtimeClasses.has(spec?.runtimeClassName ?? '')));
  const { violators, checked } = look(asked.slice(0, most), enforced, isLate);
  const warnings: string[] = [];
  if (checked < asked.length)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${checked} of ${asked.length} existing pods`,
    );
  if (violators.size > 0)
    warnings.push(
      `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${levelText(enforced)}"`,
    );
  return [...warnings, ...[...violators].map(([reasons, names]) => `${some(names)}: ${reasons}`).sort()];
}

/** Names of pods by what is wrong with them. */
function look(pods: readonly Pod[], enforced: LevelVersion, isLate: () => boolean) {
  const violators = new Map<string, string[]>();
  for (const [i, pod] of pods.entries()) {
    const subject = podLike(pod);
    const reasons = subject ? reasonsOf(violations(enforced, subject)) : '';
    if (reasons !== '') {
      const names = violators.get(reasons);
      if (names) names.push(pod.metadata.name!);
      else violators.set(reasons, [pod.metadata.name!]);
    }
    if (isLate()) return { violators, checked: i + 1 };
  }
  return { violators, checked: pods.length };
}

/** Pods of their own and one of each controller first: the others are most likely the same. */
function inOrder(pods: readonly Pod[]): Pod[] {
  const controllers = new Set<string>();
  const first: Pod[] = [];
  const more: Pod[] = [];
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (owner !== undefined && controllers.has(owner)) more.push(pod);
    else first.push(pod);
    if (owner !== undefined) controllers.add(owner);
  }
  return [...first, ...more];
}

/** `a (and 2 other pods)` */
function some(names: readonly string[]): string {
  const first = [...names].sort()[0]!;
  const others = names.length - 1;
  return others === 0 ? first : `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}
