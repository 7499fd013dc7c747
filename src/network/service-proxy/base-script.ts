/** The Services' nft table in every node. */
export const serviceTable = 'krill_services';
/** Traffic so marked leaves with the node's own address, so that answers come back through it. */
const masqueradeMark = '0x4000';

/**
 * Services with up to this many endpoints need no chain of their own: one element per endpoint in the map for their
 * number. The kernel checks every chain again with every change, so ten thousand of them cost seconds; elements do not.
 */
export const mapped = 8;
const counts = Array.from({ length: mapped }, (_, index) => index + 1);
/** The map of the Services with so many endpoints. */
export const mapOf = (count: number) => `to_${count}`;
const pickOf = (count: number) => (count === 1 ? '' : ` . numgen random mod ${count}`);

export interface ProxySubnets {
  readonly pods: string;
  readonly services: string;
}

/**
 * What is the same for every Service: hooks, maps, and what happens to traffic nobody serves. TCP is refused by a
 * reset: the kernel sends only few "unreachable" messages a second.
 */
export function baseScript({ pods, services }: ProxySubnets): string {
  const t = serviceTable;
  return `table ip ${t}
delete table ip ${t}
table ip ${t} {
${counts.map((n) => `  map ${mapOf(n)} { typeof ip daddr . meta l4proto . th dport${pickOf(n)} : ip daddr . th dport; }`).join('\n')}
  map cluster_ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map external_ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map node_ports { type inet_proto . inet_service : verdict; }
  map unserved { type ipv4_addr . inet_proto . inet_service : verdict; }
  map unserved_ports { type inet_proto . inet_service : verdict; }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain refuse_port { fib daddr type local ip daddr != 127.0.0.0/8 goto refuse; }
  chain from_outside { meta mark set meta mark or ${masqueradeMark}; }
  chain cluster_traffic {
${counts.map((n) => `    meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport${pickOf(n)} map @${mapOf(n)}`).join('\n')}
  }
  chain services {
    ip daddr ${services} jump cluster_traffic
    ip daddr . meta l4proto . th dport vmap @cluster_ips
    ip daddr . meta l4proto . th dport vmap @external_ips
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @node_ports
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip saddr != ${pods} ip daddr ${services} jump from_outside
    meta l4proto { tcp, udp, sctp } jump services
  }
  chain output {
    type nat hook output priority -100; policy accept;
    meta l4proto { tcp, udp, sctp } jump services
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    meta mark & ${masqueradeMark} == ${masqueradeMark} meta mark set meta mark xor ${masqueradeMark} masquerade
  }
  chain unserved_traffic {
    ip daddr ${services} goto refuse
    ct state new ip daddr . meta l4proto . th dport vmap @unserved
  }
  chain filter_forward {
    type filter hook forward priority -10; policy accept;
    jump unserved_traffic
  }
  chain filter_output {
    type filter hook output priority -10; policy accept;
    jump unserved_traffic
  }
  chain filter_input {
    type filter hook input priority -10; policy accept;
    ct state new ip daddr . meta l4proto . th dport vmap @unserved
    ct state new meta l4proto . th dport vmap @unserved_ports
  }
}`;
}
