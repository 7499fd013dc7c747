import type { ApiServer } from '../apiserver/server.ts';
import type { Machines, ReachPorts } from './machines.ts';
import type { Parts } from './parts.ts';

/** The address every API server listens on. */
export const loopback = '127.0.0.1';

/** The API server's keys and the CA of its clients, PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string;
}

/**
 * Listens where pods reach this process. The stored ports are taken again, so that pods of an earlier start still find
 * them; 0 means any. `own` is the port on the loopback.
 */
export async function servePods(
  { reach }: Machines,
  parts: Parts,
  api: ApiServer,
  tls: Tls,
  stored: ReachPorts & { readonly own: number },
): Promise<ReachPorts> {
  if (!reach) return { apiPort: stored.own, dnsPort: 0 };
  const host = reach.listenOn;
  const listenApi = async () => (await api.listen({ host, port: stored.apiPort, tls })).port;
  const [apiPort, dnsPort] = await Promise.all([
    host === loopback ? stored.own : listenApi(),
    parts.serveDns(host, stored.dnsPort),
  ]);
  return { apiPort, dnsPort };
}
