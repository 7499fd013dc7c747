import type { Check, VersionedCheck } from '../check.ts';

/** What was found to be safe, by the minor version in which it was. */
const safe: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

function versioned(minor: number): VersionedCheck {
  const allowed = new Set(safe.flatMap(([since, names]) => (since <= minor ? names : [])));
  return {
    since: minor,
    check: ({ spec }) => {
      const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.has(name));
      return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
    },
  };
}

/** Settings of the kernel are the pod's own. Restricted: `securityContext.sysctls[*].name`. Allowed: those above. */
export const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  versions: safe.map(([since]) => versioned(since)),
};
