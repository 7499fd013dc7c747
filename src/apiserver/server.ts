import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import type { Store } from '../store/store.ts';
import { Admission } from './admission/admission.ts';
import { admissionOrder } from './admission/order.ts';
import { Rbac } from './authz/rbac.ts';
import type { Registry } from './registry/operation.ts';
import { ServedTable } from './registry/served.ts';
import { InProcessTransport, type Pipeline } from './transport.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** The API server: one pipeline, reached in-process or over HTTPS. */
export interface ApiServer {
  /** Calls as this identity without HTTP: same authorization, admission and validation; values are the store's own. */
  transport(user: UserInfo): Transport;
  close(): Promise<void>;
}

/** Puts the parts of the API server together. The store stays the caller's to close. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, ids, log } = options;
  const served = ServedTable.builtIn();
  defineIndexes(store, served);
  const authorizer = new Rbac(store);
  const registry: Registry = {
    store,
    served,
    admission: new Admission(admissionOrder(store, ids)),
    clock,
    ids,
    log,
  };
  const pipeline: Pipeline = { registry, authorizer, virtual: {} };
  return {
    transport: (user) => new InProcessTransport(pipeline, user),
    close: async () => authorizer.close(),
  };
}

function defineIndexes(store: Store, table: ServedTable): void {
  const done = new Set<string>();
  for (const { storage, rules } of table.all()) {
    if (!storage || done.has(storage)) continue;
    done.add(storage);
    for (const [name, value] of Object.entries(rules.indexes ?? {})) store.defineIndex(storage, name, value);
  }
}
