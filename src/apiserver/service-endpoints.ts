import { serviceUnavailable } from '../api/status.ts';
import type { Service } from '../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../api/types/discovery-v1.gen.ts';
import type { DialTarget } from '../node/gateway.ts';
import type { Store } from '../store/store.ts';

/** From a Service to pods that answer for it: what proxies and webhooks dial. */

/** The name of a Service's port: by name, by number, or the only one. Throws the 503 Status. */
export function servicePort(service: Service, name: string, asked: string): string {
  const ports = service.spec?.ports ?? [];
  const found =
    asked === ''
      ? ports.length === 1
        ? ports[0]
        : undefined
      : ports.find((p) => p.name === asked || String(p.port) === asked);
  if (!found)
    throw serviceUnavailable(`no service port ${JSON.stringify(asked)} found for service ${JSON.stringify(name)}`);
  return found.name ?? '';
}

/** The ready pods behind a port of a Service. Throws the 503 Status when there are none. */
export function readyEndpoints(store: Store, namespace: string, service: string, portName: string): DialTarget[] {
  const targets: DialTarget[] = [];
  const slices = store.list('endpointslices.discovery.k8s.io', {
    namespace,
    keep: (entry) => entry.object.metadata.labels?.['kubernetes.io/service-name'] === service,
  });
  for (const { object } of slices.entries) {
    const slice = object as unknown as EndpointSlice;
    const port = slice.ports?.find((p) => (p.name ?? '') === portName)?.port;
    if (!port) continue;
    for (const { addresses, conditions, targetRef, nodeName } of slice.endpoints ?? []) {
      // Only pods are dialled: an address somebody wrote down could be anything on this machine.
      if (conditions?.ready === false || targetRef?.kind !== 'Pod' || !nodeName || !addresses?.[0]) continue;
      targets.push({ to: 'pod', node: nodeName, uid: targetRef.uid ?? '', address: addresses[0], port });
    }
  }
  if (targets.length === 0) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(service)}`);
  return targets;
}
