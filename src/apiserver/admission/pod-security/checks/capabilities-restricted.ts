import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersOf, isOnWindows, quoted, sorted } from '../pod-parts.ts';
import { capabilitiesBaseline } from './capabilities-baseline.ts';

const check: CheckPod = ({ spec }) => {
  const keeping: string[] = [];
  const adding: string[] = [];
  const added: string[] = [];
  for (const { name, securityContext } of containersOf(spec)) {
    const { add = [], drop = [] } = securityContext?.capabilities ?? {};
    if (!drop.includes('ALL')) keeping.push(name);
    const beyond = add.filter((capability) => capability !== 'NET_BIND_SERVICE');
    if (beyond.length > 0) adding.push(name);
    added.push(...beyond);
  }
  const details: string[] = [];
  if (keeping.length > 0) details.push(`${containerNames(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const what = quoted(sorted(added));
    details.push(`${containerNames(adding)} must not include ${what} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const overrides = [capabilitiesBaseline.id];

/**
 * Everything is dropped, and at most NET_BIND_SERVICE is added.
 * Restricted: `securityContext.capabilities.drop` of every container. Needed: ALL.
 * Restricted: `securityContext.capabilities.add` of every container. Allowed: nothing, NET_BIND_SERVICE.
 */
export const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check, overrides },
    { since: 25, check: (pod) => (isOnWindows(pod.spec) ? undefined : check(pod)), overrides },
  ],
};
