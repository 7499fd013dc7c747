import type { KeyObject } from 'node:crypto';
import type { GroupVersionResource } from '../api/object.ts';
import type { ServedApis } from '../api/served-apis.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Informer } from '../client/informer.ts';
import type { Informers } from '../client/informers.ts';
import type { Runnable } from '../client/reconciler.ts';
import type { HostFolders } from '../node/runtime.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import type { ApiServerIdentity } from './apiserver-leases.ts';
import type { Catalog } from './catalog.ts';
import type { ForeignGroupVersion } from './foreign-resources.ts';

/** What a controller works with. Reads come from the shared informers; writes go out under the controller's identity. */
export interface ControllerContext {
  readonly name: string;
  readonly client: Client;
  readonly informers: Informers;
  /** For watches of a controller's own that the shared informers do not hold, under their identity. */
  readonly reader: Transport;
  readonly recorder: EventRecorder;
  /** Every resource the server serves. */
  readonly catalog: Catalog;
  /** What other servers serve, behind APIServices. */
  readonly foreign: () => readonly ForeignGroupVersion[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** The cluster's CA certificate, for kube-root-ca.crt. */
  readonly caPem: string;
  /** The cluster's CA with its key; without it requests for certificates are not signed. */
  readonly authority?: KeyedCertificate;
  /** Signs the tokens of service accounts that are kept in Secrets; without it those stay empty. */
  readonly tokenKey?: KeyObject;
  /** The range that nodes get their pod subnets from, e.g. "10.244.0.0/16". */
  readonly podCIDR: string;
  /** The built-in API versions that the server serves. */
  readonly apis: ServedApis;
  /** The API server, as its lease and the StorageVersions know it. */
  readonly apiServer: ApiServerIdentity;
  /** The folders behind volumes; absent where there are none, as on simulated nodes. */
  readonly folders?: HostFolders;
  /** The image of the pods that empty volumes; upstream's, which has to be pulled, unless given. */
  readonly shellImage?: string;
}

/** One controller as the list in `index.ts` knows it. */
export interface ControllerDescriptor {
  /** Upstream's name, by which it can be left out. */
  readonly name: string;
  /** Its service account in kube-system, as upstream's; or the user, for those that upstream runs in kube-apiserver. */
  readonly account: string | UserInfo;
  /** The component its events come from; the name unless given. */
  readonly component?: string;
  /** The resource without which there is nothing to do: where the server does not serve it, the controller does not run. */
  readonly needs?: GroupVersionResource;
  build(context: ControllerContext): Runnable;
}

/** For `Reconciler.ready`: the first lists of these informers. */
export function synced(...informers: readonly Pick<Informer, 'whenSynced'>[]): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await Promise.all(informers.map((informer) => informer.whenSynced(signal)));
  };
}
