import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersOf, isInUserNamespace, quoted, sorted } from '../pod-parts.ts';

/** Finds every mount of /proc that shows what is masked by default. */
export const unmaskedProc: CheckPod = ({ spec }) => {
  const bad: string[] = [];
  const types: string[] = [];
  for (const { name, securityContext } of containersOf(spec)) {
    const type = securityContext?.procMount;
    if (type === undefined || type === null || type === 'Default') continue;
    bad.push(name);
    types.push(type);
  }
  return bad.length === 0
    ? undefined
    : {
        reason: 'procMount',
        detail: `${containerNames(bad)} must not set securityContext.procMount to ${quoted(sorted(types))}`,
      };
};

/**
 * What /proc masks stays masked, from 1.35 on unless the pod is in a user namespace.
 * Restricted: `securityContext.procMount` of every container. Allowed: Default, nothing.
 */
export const procMountBaseline: Check = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, check: unmaskedProc },
    { since: 35, check: (pod) => (isInUserNamespace(pod.spec) ? undefined : unmaskedProc(pod)) },
  ],
};
