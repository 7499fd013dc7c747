import type { UdpFlow } from '../../node/network.ts';
import { podMac, vethName } from './names.ts';
import { quote } from './shell.ts';
import { rangeOf, type Subnets, toAddress } from './subnets.ts';

/**
 * Shell scripts that make a node's network, run by the node's own shell. Pure text. Every script may be run again.
 * `/sbin/ip` and `/sbin/nsenter` are called by path: the shell's own applets of these names come first otherwise.
 */

/** What pods see as their gateway: a link-local address that exists nowhere, answered by a permanent neighbour entry. */
export const podGateway = '169.254.1.1';
/** The hardware address of every node-side cable end. */
const nodeMac = 'ee:ee:ee:ee:ee:ee';
/** The nft table of the node's own rules; Services have another. */
export const nodeTable = 'krill_node';

export interface Peer {
  readonly name: string;
  readonly address: string;
  readonly podCIDR: string;
}

/** Finds a process of the host whose view of the disks can be used: the first one refuses on some machines. */
export const hostRoot = 'H=/proc/1/root; ls $H/ >/dev/null 2>&1 || H=/proc/2/root';

/** Forwarding, rules and routes of a node. Live pods' host ports and hairpins are added by their own wiring. */
export function programNode(self: Peer, peers: readonly Peer[], subnets: Subnets, gateway: string): string {
  const routes = peers
    .filter((peer) => peer.name !== self.name && peer.address && peer.podCIDR)
    .map((peer) => `/sbin/ip route replace ${peer.podCIDR} via ${peer.address}`);
  return [
    'set -e',
    'cd /proc/sys/net/ipv4/conf',
    'echo 1 >../ip_forward',
    'for i in all default eth0; do [ -d $i ] || continue; echo 0 >$i/rp_filter; echo 0 >$i/send_redirects; done',
    `/sbin/nft -f - <<'END'`,
    nodeRules(subnets, gateway),
    hairpins(self.podCIDR),
    'END',
    // Addresses without a pod are refused at once instead of going round between node and gateway.
    `/sbin/ip route replace unreachable ${self.podCIDR} metric 4096`,
    ...routes,
  ].join('\n');
}

function nodeRules({ pods }: Subnets, gateway: string): string {
  return `table ip ${nodeTable}
delete table ip ${nodeTable}
table ip ${nodeTable} {
  map host_ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
  map host_ports_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
  map doors { type inet_service : ipv4_addr . inet_service; flags timeout; }
  set hairpin { type ipv4_addr . ipv4_addr; }
  chain published {
    dnat ip to ip daddr . meta l4proto . th dport map @host_ports_at
    dnat ip to meta l4proto . th dport map @host_ports
  }
  chain prerouting {
    type nat hook prerouting priority dstnat + 1; policy accept;
    ip saddr ${gateway} tcp dport 61000-65000 fib daddr type local dnat ip to tcp dport map @doors
    meta l4proto { tcp, udp, sctp } fib daddr type local goto published
  }
  chain output {
    type nat hook output priority -99; policy accept;
    meta l4proto { tcp, udp, sctp } fib daddr type local goto published
  }
  chain postrouting {
    type nat hook postrouting priority srcnat + 1; policy accept;
    ip saddr . ip daddr @hairpin masquerade
    ip saddr ${pods} ip daddr != ${pods} masquerade
  }
}`;
}

/**
 * A pod that reaches itself through a Service or a host port must see another address than its own, or it would answer
 * itself directly. The kernel cannot compare two addresses of a packet, so there is one element per possible pod.
 */
function hairpins(podCIDR: string): string {
  const { first, last } = rangeOf(podCIDR);
  const pairs: string[] = [];
  // A wide range is filled as far as a node can have pods.
  for (let value = first + 1; value < last && pairs.length < 1024; value++) {
    const address = toAddress(value);
    pairs.push(`${address} . ${address}`);
  }
  return `add element ip ${nodeTable} hairpin { ${pairs.join(', ')} }`;
}

export interface HostPort {
  readonly hostPort: number;
  readonly hostIP: string;
  readonly containerPort: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

/** Where a host port is kept: which map, under which key, leading where. */
function published(port: HostPort, address: string) {
  const key = `${port.protocol.toLowerCase()} . ${port.hostPort}`;
  const bound = port.hostIP !== '' && port.hostIP !== '0.0.0.0';
  return {
    map: bound ? 'host_ports_at' : 'host_ports',
    key: bound ? `${port.hostIP} . ${key}` : key,
    value: `${address} . ${port.containerPort}`,
  };
}

const element = (verb: string, set: string, what: string) =>
  `/sbin/nft '${verb} element ip ${nodeTable} ${set} { ${what} }'`;

/** What identifies a pod's network namespace: a process in it, and the container that process must belong to. */
export interface Anchor {
  readonly pid: number;
  readonly containerId: string;
}

/**
 * Refuses to touch a namespace that is not (any more) the container's: process ids are used again. A sandbox that is
 * about to leave the host's namespace for its own is given a moment.
 */
const check = ({ pid, containerId }: Anchor) =>
  [
    `grep -q ${containerId} /proc/${pid}/cgroup || { echo 'container is gone'; exit 4; }`,
    'own=',
    'for try in $(seq 500); do',
    `  n=$(readlink /proc/${pid}/ns/net) || { echo 'container is gone'; exit 4; }`,
    '  own=1',
    '  for h in 1 2 self; do [ "$(readlink /proc/$h/ns/net)" != "$n" ] || own=; done',
    '  [ -z "$own" ] || break',
    '  usleep 2000',
    'done',
    `[ -n "$own" ] || { echo 'the sandbox has no network namespace of its own'; exit 5; }`,
  ].join('\n');

/** Lays the cable of a pod: a routed veth pair without a bridge, so that the node's rules see all its traffic. */
export function wirePod(
  anchor: Anchor,
  address: string,
  mtu: number,
  ports: readonly HostPort[],
  sysctls: Readonly<Record<string, string>> = {},
): string {
  const veth = vethName(address);
  const inside = `/sbin/nsenter -t ${anchor.pid} -n`;
  return [
    'set -e',
    check(anchor),
    `if [ -d /sys/class/net/${veth} ] && ${inside} /sbin/ip -o -4 addr show dev eth0 2>/dev/null | grep -q ' ${address}/'; then`,
    '  :',
    'else',
    `  [ ! -d /sys/class/net/${veth} ] || /sbin/ip link del ${veth} || true`,
    '  /sbin/ip -batch - <<END',
    `link add ${veth} mtu ${mtu} address ${nodeMac} type veth peer name eth0 mtu ${mtu} address ${podMac(address)} netns ${anchor.pid}`,
    `link set ${veth} up`,
    `route replace ${address}/32 dev ${veth}`,
    `neigh replace ${address} lladdr ${podMac(address)} dev ${veth} nud permanent`,
    'END',
    `  ${inside} /sbin/ip -batch - <<END`,
    'link set lo up',
    'link set eth0 up',
    `addr add ${address}/32 dev eth0`,
    `route add ${podGateway} dev eth0 scope link src ${address}`,
    `neigh add ${podGateway} lladdr ${nodeMac} dev eth0 nud permanent`,
    `route add default via ${podGateway} dev eth0 src ${address}`,
    'END',
    'fi',
    ...Object.entries(sysctls).map(([name, value]) => `${inside} /bin/sysctl -q -w ${quote(`${name}=${value}`)}`),
    ...ports.flatMap((port) => {
      const { map, key, value } = published(port, address);
      return [`${element('delete', map, key)} 2>/dev/null || true`, element('add', map, `${key} : ${value}`)];
    }),
  ].join('\n');
}

/** Takes a pod's cable and host ports away; ports that another pod has taken over since are left alone. */
export function unwirePod(address: string, ports: readonly HostPort[]): string {
  return [
    `/sbin/ip link del ${vethName(address)} 2>/dev/null`,
    ...ports.map((port) => {
      const { map, key } = published(port, address);
      return `${element('get', map, key)} 2>/dev/null | grep -q ': ${address} ' && ${element('delete', map, key)} 2>/dev/null`;
    }),
    'true',
  ].join('\n');
}

/** Opens a door: a port of the node that leads the gateway's own connections to a pod's port for a while. */
export function openDoor(door: number, address: string, port: number, seconds: number): string {
  return element('add', 'doors', `${door} timeout ${seconds}s : ${address} . ${port}`);
}

/** What `openRelay` and `checkListener` end with. */
export const relayCode = { gone: 4, refused: 7 } as const;

/** Fails unless the anchor is still the container's and something in its namespace listens on `port`. */
export function checkListener({ pid, containerId }: Anchor, port: number): string {
  // The kernel's table tells "nothing listens" from "it hung up" without a connection of our own.
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = `/proc/${pid}/net/tcp /proc/${pid}/net/tcp6`;
  return [
    `grep -q ${containerId} /proc/${pid}/cgroup || { echo 'container is gone'; exit ${relayCode.gone}; }`,
    `grep -Eq '^ *[0-9]+: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A' ${tables} || { echo 'dial tcp4 127.0.0.1:${port}: connect: connection refused'; exit ${relayCode.refused}; }`,
  ].join('\n');
}

export interface Relay {
  /** Where it listens, in the pod's namespace, and the one client it takes. */
  readonly address: string;
  readonly relayPort: number;
  readonly client: string;
  /** The pod's loopback port it leads to. */
  readonly port: number;
}

/**
 * Starts a one-shot relay from the pod's address to its loopback. Both its ends are sockets, so that either side can
 * be closed alone.
 */
export function openRelay(anchor: Anchor, { address, relayPort, client, port }: Relay): string {
  const listen = `TCP4-LISTEN:${relayPort},bind=${address},range=${client}/32,accept-timeout=10,reuseaddr`;
  const socat = `/sbin/socat -b 262144 -t 86400 ${listen} TCP4:127.0.0.1:${port}`;
  return `/sbin/nsenter -t ${anchor.pid} -n ${socat} >/dev/null 2>&1 &`;
}

/** Deletes UDP flows from the kernel's table; that there are none is no error. */
export function forgetUdp(flows: readonly UdpFlow[]): string {
  const commands = flows.map(({ address, port, backend }) => {
    const to = address ? ` --orig-dst ${address}` : '';
    const sent = backend ? ` --reply-src ${backend}` : '';
    return `/sbin/conntrack -D -p udp${to} --orig-port-dst ${port}${sent} 2>/dev/null`;
  });
  return [...commands, 'true'].join('\n');
}
