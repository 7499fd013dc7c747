import type { Check, CheckPod } from '../check.ts';
import { containersWhose, isInUserNamespace, setters } from '../pod-parts.ts';

const check: CheckPod = ({ spec }) => {
  const who = setters(
    spec.securityContext?.runAsUser === 0,
    containersWhose(spec, (context) => context.runAsUser === 0),
  );
  return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
};

/**
 * Nobody asks for root, from 1.35 on unless the pod is in a user namespace.
 * Restricted: `securityContext.runAsUser` of the pod and every container. Allowed: everything but 0.
 */
export const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check },
    { since: 35, check: (pod) => (isInUserNamespace(pod.spec) ? undefined : check(pod)) },
  ],
};
