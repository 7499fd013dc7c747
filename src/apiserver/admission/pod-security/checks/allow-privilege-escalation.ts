import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersWhere, isOnWindows } from '../pod-parts.ts';

const check: CheckPod = ({ spec }) => {
  const bad = containersWhere(spec, (c) => c.securityContext?.allowPrivilegeEscalation !== false);
  return bad.length === 0
    ? undefined
    : {
        reason: 'allowPrivilegeEscalation != false',
        detail: `${containerNames(bad)} must set securityContext.allowPrivilegeEscalation=false`,
      };
};

/**
 * Nothing gains rights, as set-user-ID programs do.
 * Restricted: `securityContext.allowPrivilegeEscalation` of every container. Allowed: false.
 */
export const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, check },
    { since: 25, check: (pod) => (isOnWindows(pod.spec) ? undefined : check(pod)) },
  ],
};
