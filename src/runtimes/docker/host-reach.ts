import { createServer } from 'node:net';
import type { HostReach } from '../../node/network.ts';
import type { ClusterNetwork } from './network.ts';

/** Ports on which this process serves pods. */
export interface ReachPorts {
  readonly apiPort: number;
  readonly dnsPort: number;
}

/** How pods might reach this process: where it must listen, and what they are told. */
export interface ReachPlan {
  readonly strategy: 'gateway' | 'host-internal';
  /** Bind the API server (TCP) and the cluster DNS (UDP and TCP) here. */
  readonly listenOn: string;
  /** The address pods connect to; undefined where a node has to look it up. */
  readonly address: string | undefined;
}

/** The name under which engines in a virtual machine offer the machine that krill runs on. */
export const hostName = 'host.docker.internal';

/**
 * Where the cluster network's gateway address is this host's own, pods reach a listener on it; elsewhere the engine
 * runs in a virtual machine, which leads `host.docker.internal` to listeners on 127.0.0.1.
 */
export async function planReach(
  network: ClusterNetwork,
  isOwn: (address: string) => Promise<boolean> = canListenOn,
): Promise<ReachPlan> {
  return (await isOwn(network.gateway))
    ? { strategy: 'gateway', listenOn: network.gateway, address: network.gateway }
    : { strategy: 'host-internal', listenOn: '127.0.0.1', address: undefined };
}

/** Tried by listening: the interfaces that Node lists leave out a bridge to which no container is attached yet. */
function canListenOn(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}

/** Looks an address up in the node's hosts file, where the engine writes it. */
export const lookupHost = `awk '$2 == "${hostName}" { print $1; exit }' /etc/hosts`;

/** A DNS question (the root's name server) that any name server answers. */
const question = '\\000\\001\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\001';

/** Tries, from a node, whether this process answers there; 300 ms each. Prints what fails. */
export function probeReach(address: string, { apiPort, dnsPort }: ReachPorts): string {
  const socat = '/sbin/socat -T 0.3 -t 0.3';
  return [
    `${socat} /dev/null TCP4:${address}:${apiPort},connect-timeout=0.3 || echo "TCP ${apiPort}"`,
    `[ "$(printf '${question}' | ${socat} STDIO UDP4:${address}:${dnsPort} | head -c 2 | wc -c)" = 2 ] || echo "UDP ${dnsPort}"`,
  ].join('\n');
}

/** What pods are told, once a probe has said that it works. */
export function reachOf(plan: ReachPlan, address: string, ports: ReachPorts): HostReach {
  return { strategy: plan.strategy, address, ...ports };
}

/** Says what is in the way and what to do. */
export class HostUnreachable extends Error {
  constructor(address: string, blocked: string) {
    super(
      `pods cannot reach krill at ${address} (${blocked}): a firewall on this machine drops traffic from Docker networks. ` +
        `Allow it (for ufw: "ufw allow in on br-+ from any"; for firewalld: put the Docker bridges into the "trusted" zone). ` +
        'The relay for machines that cannot allow it is not part of this version.',
    );
    this.name = 'HostUnreachable';
  }
}
