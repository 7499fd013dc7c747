import type { LifecycleHandler, Probe } from '../../../../api/types/core-v1.gen.ts';
import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersOf, plural, quoted, sorted } from '../pod-parts.ts';

const hostsOf = (handler: Probe | LifecycleHandler | undefined): string[] =>
  [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => !!host) as string[];

const check: CheckPod = ({ spec }) => {
  const bad: string[] = [];
  const used: string[] = [];
  for (const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } of containersOf(spec)) {
    const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
    const hosts = handlers.flatMap(hostsOf);
    if (hosts.length > 0) bad.push(name);
    used.push(...hosts);
  }
  if (bad.length === 0) return undefined;
  const hosts = sorted(used);
  const verb = plural(bad.length, 'uses', 'use');
  return {
    reason: 'probe or lifecycle host',
    detail: `${containerNames(sorted(bad))} ${verb} ${plural(hosts.length, 'probe or lifecycle host')} ${quoted(hosts)}`,
  };
};

/**
 * The kubelet is sent to no other host than the pod's.
 * Restricted: `httpGet.host` and `tcpSocket.host` of every probe and lifecycle handler. Allowed: empty, nothing.
 */
export const hostProbes: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [{ since: 34, check }],
};
