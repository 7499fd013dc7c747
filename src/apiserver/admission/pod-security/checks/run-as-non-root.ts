import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersWhere, containersWhose, isInUserNamespace, setters } from '../pod-parts.ts';

const reason = 'runAsNonRoot != true';

const check: CheckPod = ({ spec }) => {
  const ofPod = spec.securityContext?.runAsNonRoot;
  const who = setters(
    ofPod === false,
    containersWhose(spec, (context) => context.runAsNonRoot === false),
  );
  if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  if (ofPod === true) return undefined;
  const silent = containersWhere(spec, (c) => typeof c.securityContext?.runAsNonRoot !== 'boolean');
  return silent.length === 0
    ? undefined
    : { reason, detail: `pod or ${containerNames(silent)} must set securityContext.runAsNonRoot=true` };
};

/**
 * Nothing runs as root, from 1.35 on unless the pod is in a user namespace.
 * Restricted: `securityContext.runAsNonRoot` of the pod and every container. Allowed: true; nothing where the pod says true.
 */
export const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check },
    { since: 35, check: (pod) => (isInUserNamespace(pod.spec) ? undefined : check(pod)) },
  ],
};
