import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersWhere, isOnWindows } from '../pod-parts.ts';
import { seccompBaseline, unconfined } from './seccomp-baseline.ts';

const check: CheckPod = ({ spec }) => {
  const found = unconfined(spec);
  if (found || spec.securityContext?.seccompProfile) return found;
  const silent = containersWhere(spec, (c) => !c.securityContext?.seccompProfile);
  if (silent.length === 0) return undefined;
  const rule = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason: 'seccompProfile', detail: `pod or ${containerNames(silent)} ${rule}` };
};

const overrides = [seccompBaseline.id];

/**
 * Calls of the kernel are filtered.
 * Restricted: `securityContext.seccompProfile.type` of the pod and every container. Allowed: RuntimeDefault, Localhost;
 * nothing where the pod says either.
 */
export const seccompRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check, overrides },
    { since: 25, check: (pod) => (isOnWindows(pod.spec) ? undefined : check(pod)), overrides },
  ],
};
