import type { Check, CheckPod, Finding, PodLike } from './check.ts';
import { allowPrivilegeEscalation } from './checks/allow-privilege-escalation.ts';
import { appArmorProfile } from './checks/app-armor-profile.ts';
import { capabilitiesBaseline } from './checks/capabilities-baseline.ts';
import { capabilitiesRestricted } from './checks/capabilities-restricted.ts';
import { hostNamespaces } from './checks/host-namespaces.ts';
import { hostPathVolumes } from './checks/host-path-volumes.ts';
import { hostPorts } from './checks/host-ports.ts';
import { hostProbes } from './checks/host-probes.ts';
import { privileged } from './checks/privileged.ts';
import { procMountBaseline } from './checks/proc-mount-baseline.ts';
import { procMountRestricted } from './checks/proc-mount-restricted.ts';
import { restrictedVolumes } from './checks/restricted-volumes.ts';
import { runAsNonRoot } from './checks/run-as-non-root.ts';
import { runAsUser } from './checks/run-as-user.ts';
import { seLinuxOptions } from './checks/se-linux-options.ts';
import { seccompBaseline } from './checks/seccomp-baseline.ts';
import { seccompRestricted } from './checks/seccomp-restricted.ts';
import { sysctls } from './checks/sysctls.ts';
import { windowsHostProcess } from './checks/windows-host-process.ts';
import type { LevelVersion } from './policy.ts';

/** The Pod Security Standards in the order of their messages: by level, then by id. Source: pod-security-admission `policy`. */
export const standards: readonly Check[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMountBaseline,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];

/** The last minor version in which a check changed: what holds in it holds in all later ones. */
const newest = Math.max(...standards.flatMap(({ versions }) => versions.map(({ since }) => since)));

const known = { baseline: [] as CheckPod[][], restricted: [] as CheckPod[][] };

/** What a level asks for in a version. */
function checksOf({ level, version }: LevelVersion): readonly CheckPod[] {
  if (level === 'privileged') return [];
  const minor = Math.min(version, newest);
  return (known[level][minor] ??= select(level, minor));
}

function select(level: 'baseline' | 'restricted', minor: number): CheckPod[] {
  const inForce = standards
    .filter((check) => level === 'restricted' || check.level === 'baseline')
    .map(({ id, versions }) => ({ id, version: versions.findLast(({ since }) => since <= minor) }));
  const overridden = new Set(inForce.flatMap(({ version }) => version?.overrides ?? []));
  return inForce.flatMap(({ id, version }) => (version && !overridden.has(id) ? [version.check] : []));
}

/** What a pod does that a level forbids; empty when it may. */
export function violations(wanted: LevelVersion, pod: PodLike): Finding[] {
  const found: Finding[] = [];
  for (const check of checksOf(wanted)) {
    const finding = check(pod);
    if (finding) found.push(finding);
  }
  return found;
}

/** `host namespaces (hostNetwork=true), privileged (container "a" must …)` */
export const detailsOf = (found: readonly Finding[]): string =>
  found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');

/** `host namespaces, privileged` */
export const reasonsOf = (found: readonly Finding[]): string => found.map(({ reason }) => reason).join(', ');
