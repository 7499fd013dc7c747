import type { Check, CheckPod } from '../check.ts';
import { containerNames, containersOf, plural, sorted } from '../pod-parts.ts';

const check: CheckPod = ({ spec }) => {
  const bad: string[] = [];
  const used: string[] = [];
  for (const { name, ports = [] } of containersOf(spec)) {
    const onHost = ports.filter(({ hostPort }) => hostPort).map(({ hostPort }) => String(hostPort));
    if (onHost.length > 0) bad.push(name);
    used.push(...onHost);
  }
  if (bad.length === 0) return undefined;
  const ports = sorted(used);
  const verb = plural(bad.length, 'uses', 'use');
  return {
    reason: 'hostPort',
    detail: `${containerNames(bad)} ${verb} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`,
  };
};

/** Ports of the host are not taken. Restricted: `ports[*].hostPort` of every container. Allowed: 0, nothing. */
export const hostPorts: Check = { id: 'hostPorts', level: 'baseline', versions: [{ since: 0, check }] };
