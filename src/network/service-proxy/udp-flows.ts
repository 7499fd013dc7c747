import type { Service } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { backendsOf, protocolOf } from './backends.ts';
import { externalAddresses, isProxied } from './plan.ts';

/** Where UDP flows of a Service port were sent, to be forgotten by the kernel when that changes. */
export interface UdpFrontend {
  readonly address: string;
  readonly port: number;
  readonly backends: readonly string[];
}

/** The UDP ways into a Service and where they lead. */
export function udpFrontends(service: Service, slices: readonly EndpointSlice[]): UdpFrontend[] {
  if (!isProxied(service)) return [];
  const ports = (service.spec?.ports ?? []).filter((port) => protocolOf(port) === 'udp');
  return ports.flatMap((port) => {
    const backends = backendsOf(slices, port).map((b) => b.address);
    const addresses = [service.spec!.clusterIP!, ...externalAddresses(service)];
    const ways = addresses.map((address) => ({ address, port: port.port ?? 0, backends }));
    return port.nodePort ? [...ways, { address: '', port: port.nodePort, backends }] : ways;
  });
}

/** Flows that must be forgotten: their backend has gone, or a frontend that had none now has some. */
export function staleFlows(before: readonly UdpFrontend[], after: readonly UdpFrontend[]) {
  const key = (f: UdpFrontend) => `${f.address}:${f.port}`;
  const now = new Map(after.map((f) => [key(f), f]));
  const was = new Map(before.map((f) => [key(f), f]));
  const stale: { address: string; port: number; backend?: string }[] = [];
  for (const old of before) {
    const left = new Set(now.get(key(old))?.backends ?? []);
    for (const backend of old.backends) {
      if (!left.has(backend)) stale.push({ address: old.address, port: old.port, backend });
    }
  }
  for (const one of after) {
    const none = (was.get(key(one))?.backends.length ?? 0) === 0;
    if (none && one.backends.length > 0) stale.push({ address: one.address, port: one.port });
  }
  return stale;
}
