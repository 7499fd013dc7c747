import type { Service } from '../../api/types/core-v1.gen.ts';
import type { Ids } from '../../base/ids.ts';
import type { Dialer } from '../../node/gateway.ts';
import type { Store } from '../../store/store.ts';
import { readyEndpoints, servicePort } from '../service-endpoints.ts';
import type { DialService } from './webhook-client.ts';

/** Reaches Services through the nodes: one of the ready pods behind the port. */
export const serviceDialer =
  (store: Store, ids: Ids, nodes: () => Dialer): DialService =>
  async ({ namespace, name, port }, signal) => {
    const object = store.get({ resource: 'services', namespace, name })?.object;
    if (!object) throw new Error(`service ${JSON.stringify(name)} not found`);
    const portName = servicePort(object as unknown as Service, name, String(port));
    const ready = readyEndpoints(store, namespace, name, portName);
    return await nodes().dial(ready[Math.floor(ids.random() * ready.length)]!, signal);
  };
