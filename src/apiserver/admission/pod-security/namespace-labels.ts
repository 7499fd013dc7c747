import type { ErrorList } from '../../../api/field-errors.ts';
import { invalid } from '../../../api/status.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { PodSecurityConfiguration } from './configuration.ts';
import { warningsOfExisting } from './existing-pods.ts';
import { isFree, isStricter, labelsOf, levelText, modes, type Policy, policyOf, sameLevel } from './policy.ts';

/** The pods of a namespace, and how long they may be looked at. */
export interface Existing {
  readonly pods: (namespace: string) => readonly Pod[];
  /** Says whether the time is up that begins now. */
  readonly deadline: () => () => boolean;
}

/**
 * Refuses labels that mean nothing, and tells of pods that are not as a namespace will ask for from now on.
 * Source: pod-security-admission `admission.go`, ValidateNamespace.
 */
export function checkNamespace(request: AdmissionRequest, config: PodSecurityConfiguration, existing: Existing): void {
  const { served, subresource, name, object, old, warn } = request;
  if (subresource || !object) return;
  const labels = object.metadata.labels;
  const { policy, errors } = policyOf(labels, config.defaults);
  const before = old && policyOf(old.metadata.labels, config.defaults);
  if (!errors.empty && !(before && sameErrors(errors, before.errors))) throw invalid(served, name, errors.errors);
  if (before && !isTightened(policy, before.policy)) return;
  if (config.exemptions.namespaces.has(name)) {
    if (!isFree(policy) && !samePolicy(policy, config.defaults)) warn(exemptText(name, policy, labels));
  } else if (before) {
    const limits = { isLate: existing.deadline() };
    const pods = existing.pods(name);
    for (const text of warningsOfExisting(name, policy.enforce, pods, limits, config.exemptions)) warn(text);
  }
}

const sameErrors = (a: ErrorList, b: ErrorList): boolean =>
  a.errors.length === b.errors.length && a.errors.every(({ text }, i) => text === b.errors[i]!.text);

const samePolicy = (a: Policy, b: Policy): boolean => modes.every((mode) => sameLevel(a[mode], b[mode]));

/** Whether pods that were allowed may not be any more. A change of version can go either way. */
const isTightened = ({ enforce: now }: Policy, { enforce: before }: Policy): boolean =>
  !sameLevel(now, before) &&
  now.level !== 'privileged' &&
  (now.version !== before.version || isStricter(now.level, before.level));

function exemptText(name: string, policy: Policy, labels: Readonly<Record<string, string>> = {}): string {
  const isSet = (label: string) => Object.hasOwn(labels, label);
  const set = modes.filter((mode) => {
    const { level, version } = labelsOf(mode);
    return policy[mode].level !== 'privileged' && (isSet(level) || isSet(version));
  });
  const parts = set.map((mode) => `${mode}=${levelText(policy[mode])}`).join(', ');
  return `namespace "${name}" is exempt from Pod Security, and the policy (${parts}) will be ignored`;
}
