import { readFileSync } from 'node:fs';

/** What pods with dnsPolicy Default get: the machine's own resolver. */
export interface HostResolver {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
}

/** systemd-resolved keeps the real servers here while resolv.conf names its own loopback stub. */
const places = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

const isLoopback = (address: string) => address.startsWith('127.') || address === '::1';

/** The servers and search domains in resolv.conf's text, without loopback addresses: in a pod those are the pod itself. */
export function parseResolver(text: string): HostResolver {
  const words = (keyword: string) =>
    [...text.matchAll(new RegExp(`^\\s*${keyword}\\s+(.+)$`, 'gm'))].map((found) => found[1]!.trim().split(/\s+/));
  return {
    nameservers: words('nameserver')
      .map(([address]) => address!)
      .filter((address) => !isLoopback(address)),
    searches: (words('search').at(-1) ?? words('domain').at(-1) ?? []).filter((domain) => domain !== '.'),
  };
}

/**
 * The machine's resolver. Where it names loopback addresses only, pods are sent to the cluster's DNS server, which asks
 * them on their behalf.
 */
export function hostResolver(clusterDns: string, read: (path: string) => string | undefined = readText): HostResolver {
  const found = places.map((path) => parseResolver(read(path) ?? ''));
  return found.find((r) => r.nameservers.length > 0) ?? { nameservers: [clusterDns], searches: found[0]!.searches };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not every system has the file.
    return undefined;
  }
}
