import type { FieldPath } from '../../api/field-errors.ts';
import type { ContainerPort, PodSpec } from '../../api/types/core-v1.gen.ts';
import { everyContainer } from './every-container.ts';

/** Ports of a pod that mean the same, or whose meaning is anybody's guess. Source: pkg/api/pod warnings.go. */

interface PlacedPort {
  readonly port: ContainerPort;
  readonly path: FieldPath;
  /** Whether the container runs as long as the pod, so that its port can be found by name. */
  readonly lasting: boolean;
}

/** Advice has an end: this many ports with one number are compared with each other. */
const mostCompared = 100;

/** A port as Go prints the struct. */
const printed = ({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol ?? ''} HostIP:${hostIP}}`;

/** How two ports with one number and protocol in the pod get in each other's way. */
function clash(port: ContainerPort, other: ContainerPort): string | undefined {
  const [hostPort, otherPort] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [hostIP, otherIP] = [port.hostIP ?? '', other.hostIP ?? ''];
  if (hostIP === otherIP && hostPort === otherPort) return 'duplicate';
  if (hostPort === 0 || otherPort === 0) return 'overlapping';
  if (hostPort === otherPort && (hostIP === '') !== (otherIP === '')) return 'dangerously ambiguous';
  return undefined;
}

function clashes(ports: readonly PlacedPort[]): string[] {
  const byNumber = new Map<string, PlacedPort[]>();
  return ports.flatMap((placed) => {
    const { port, path } = placed;
    const found: string[] = [];
    if (port.hostIP && !port.hostPort) found.push(`${path}: hostIP set without hostPort: ${printed(port)}`);
    const key = `${port.containerPort}/${port.protocol}`;
    const others = byNumber.get(key) ?? [];
    for (const other of others) {
      const how = clash(port, other.port);
      if (how) found.push(`${path}: ${how} port definition with ${other.path}`);
    }
    if (others.length === 0) byNumber.set(key, others);
    if (others.length < mostCompared) others.push(placed);
    return found;
  });
}

function repeatedNames(ports: readonly PlacedPort[]): string[] {
  const first = new Map<string, FieldPath>();
  return ports.flatMap(({ port, path, lasting }) => {
    if (!port.name || !lasting) return [];
    const other = first.get(port.name);
    if (!other) {
      first.set(port.name, path);
      return [];
    }
    const what = `duplicate port name ${JSON.stringify(port.name)} with ${other}`;
    return [`${path}: ${what}, services and probes that select ports by name will use ${other}`];
  });
}

/** Whether there is more than one port, or one with an address: nothing else can be wrong. */
function areWorthALook(spec: PodSpec): boolean {
  let count = 0;
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers]) {
    for (const { ports } of list ?? []) {
      count += ports?.length ?? 0;
      if (count > 1 || ports?.[0]?.hostIP) return true;
    }
  }
  return false;
}

export function portWarnings(spec: PodSpec, path: FieldPath): string[] {
  if (!areWorthALook(spec)) return [];
  const initial = spec.initContainers?.length ?? 0;
  const lasting = (spec.initContainers ?? []).map(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = everyContainer(spec, path).flatMap(({ container, path: at }, c) =>
    (container.ports ?? []).map((port, i) => ({
      port,
      path: at.child('ports').index(i),
      lasting: c >= initial || lasting[c] === true,
    })),
  );
  return [...clashes(ports), ...repeatedNames(ports)];
}
