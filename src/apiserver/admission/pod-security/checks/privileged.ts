import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersWhose } from '../pod-parts.ts';

const check: CheckPod = ({ spec }) => {
  const bad = containersWhose(spec, (context) => context.privileged === true);
  return bad.length === 0
    ? undefined
    : { reason: 'privileged', detail: `${containerNames(bad)} must not set securityContext.privileged=true` };
};

/** Nothing is as free as the host. Restricted: `securityContext.privileged` of every container. Allowed: false, nothing. */
export const privileged: Check = { id: 'privileged', level: 'baseline', versions: [{ since: 0, check }] };
