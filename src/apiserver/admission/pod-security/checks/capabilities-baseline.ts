import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersOf, quoted, sorted } from '../pod-parts.ts';

const allowed: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const check: CheckPod = ({ spec }) => {
  const bad: string[] = [];
  const added: string[] = [];
  for (const { name, securityContext } of containersOf(spec)) {
    const beyond = (securityContext?.capabilities?.add ?? []).filter((capability) => !allowed.has(capability));
    if (beyond.length === 0) continue;
    bad.push(name);
    added.push(...beyond);
  }
  if (bad.length === 0) return undefined;
  return {
    reason: 'non-default capabilities',
    detail: `${containerNames(bad)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add`,
  };
};

/**
 * Nothing gets NET_RAW or more than runtimes give on their own.
 * Restricted: `securityContext.capabilities.add` of every container. Allowed: nothing, and those above.
 */
export const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [{ since: 0, check }],
};
