import type { Pod } from '../types.ts';

const maxHostname = 63;

/** The pod's short host name. Source: kubelet `GeneratePodHostNameAndDomain`. */
export function hostnameOf(pod: Pod): string {
  const name = pod.spec.hostnameOverride || pod.spec.hostname || pod.metadata.name || '';
  return name.slice(0, maxHostname).replace(/[-.]+$/, '');
}

/** "web.sub.default.svc.cluster.local" for pods with a subdomain; undefined for others. */
export function fullNameOf(pod: Pod, clusterDomain: string): string | undefined {
  if (!pod.spec.subdomain || pod.spec.hostnameOverride) return undefined;
  return `${hostnameOf(pod)}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

/** What the kernel is told: the full name where setHostnameAsFQDN asks for it. Throws when that does not fit. */
export function kernelHostname(pod: Pod, clusterDomain: string): string {
  const full = pod.spec.setHostnameAsFQDN ? fullNameOf(pod, clusterDomain) : undefined;
  if (full && full.length > 64) {
    throw new Error(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (64 characters is the max, ${full.length} characters requested)`,
    );
  }
  return full ?? hostnameOf(pod);
}

/** /etc/hosts as kubelet manages it. */
export function hostsFile(pod: Pod, addresses: readonly string[], clusterDomain: string): string {
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ];
  const full = fullNameOf(pod, clusterDomain);
  const names = full ? `${full}\t${hostnameOf(pod)}` : hostnameOf(pod);
  for (const address of addresses) lines.push(`${address}\t${names}`);
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length) lines.push('', '# Entries added by HostAliases.');
  for (const alias of aliases) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`);
  return `${lines.join('\n')}\n`;
}

export interface DnsSettings {
  /** The address of the cluster's DNS service. */
  readonly clusterDNS: string;
  readonly clusterDomain: string;
  /** resolv.conf of the node, for dnsPolicy Default and pods of the host network. */
  readonly nodeNameservers: readonly string[];
  readonly nodeSearches: readonly string[];
}

const maxNameservers = 3;
const maxSearches = 32;

/** The pod's resolv.conf by dnsPolicy and dnsConfig. */
export function resolvConf(pod: Pod, dns: DnsSettings): string {
  const policy = effectivePolicy(pod);
  const suffix = dns.clusterDomain;
  let servers: string[] = [];
  let searches: string[] = [];
  const options = new Map<string, string | undefined>();
  if (policy === 'ClusterFirst') {
    servers = [dns.clusterDNS];
    searches = [`${pod.metadata.namespace}.svc.${suffix}`, `svc.${suffix}`, suffix, ...dns.nodeSearches];
    options.set('ndots', '5');
  } else if (policy === 'Default') {
    servers = [...dns.nodeNameservers];
    searches = [...dns.nodeSearches];
  }
  const config = pod.spec.dnsConfig;
  servers = unique([...servers, ...(config?.nameservers ?? [])]).slice(0, maxNameservers);
  searches = unique([...searches, ...(config?.searches ?? [])]).slice(0, maxSearches);
  for (const option of config?.options ?? []) if (option.name) options.set(option.name, option.value);
  const text = [...options].map(([name, value]) => (value === undefined ? name : `${name}:${value}`)).join(' ');
  const lines = [
    ...(searches.length ? [`search ${searches.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(text ? [`options ${text}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function effectivePolicy(pod: Pod): string {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'ClusterFirstWithHostNet') return 'ClusterFirst';
  return policy === 'ClusterFirst' && pod.spec.hostNetwork ? 'Default' : policy;
}

const unique = (list: readonly string[]): string[] => [...new Set(list)];
