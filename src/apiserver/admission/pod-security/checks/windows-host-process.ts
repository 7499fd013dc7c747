import type { PodSecurityContext, SecurityContext } from '../../../../api/types/core-v1.gen.ts';
import type { Check, CheckPod } from '../check.ts';
import { containersWhose, setters } from '../pod-parts.ts';

const isBad = (context: PodSecurityContext | SecurityContext) => context.windowsOptions?.hostProcess === true;

const check: CheckPod = ({ spec }) => {
  const who = setters(!!spec.securityContext && isBad(spec.securityContext), containersWhose(spec, isBad));
  return who === ''
    ? undefined
    : { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
};

/**
 * Nothing on Windows is as free as the host.
 * Restricted: `securityContext.windowsOptions.hostProcess` of the pod and every container. Allowed: false, nothing.
 */
export const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [{ since: 0, check }],
};
