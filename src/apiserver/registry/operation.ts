import type { KubeObject, ManagedFieldsEntry, Mutable } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/log.ts';
import type { CallOptions, Patch, UserInfo } from '../../client/call.ts';
import type { Entry, Store, StoreKey } from '../../store/store.ts';
import type { Admission, AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { Behind } from './charge.ts';
import type { Served, ServedTable } from './served.ts';

/** What every verb works with. */
export interface Registry {
  readonly store: Store;
  readonly served: ServedTable;
  readonly admission: Admission;
  /** For creates that come as another verb; everything else has been authorized. */
  readonly authorizer: Authorizer;
  /** Fills in what is handed out from a shared stock, by resource. */
  readonly allocators: Readonly<Record<string, (object: Mutable<KubeObject>) => Allotment>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** What one write has newly taken from a shared stock. */
export interface Allotment extends Behind {
  /** Gives it back: the write failed, or was only tried. */
  giveBack(): void;
}

/** One authorized request, decoded, whatever carried it. */
export interface Operation {
  readonly user: UserInfo;
  /** The field manager of a writer that names none. */
  readonly manager: string;
  readonly served: Served;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly options: CallOptions;
  /** The private mutable body of create and update. */
  readonly object: Mutable<KubeObject> | undefined;
  readonly patch: Patch | undefined;
  /** Who manages what after this write, where that is settled before it is stored: server-side apply, scale. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
  /** What admission has changed already and has still to validate, where that is not what is stored: a Scale. */
  readonly admitted?: AdmissionRequest;
  /** Adds a warning header (HTTP) or nothing (in-process). */
  readonly warn: (text: string) => void;
  /** Aborted when nobody waits for the answer any more. Made when asked for: most requests do without. */
  readonly signal: () => AbortSignal | undefined;
}

/** What a verb answers with. Entries keep their bytes, so that nothing is serialised that was before. */
export type Result =
  | { readonly as: 'entry'; readonly code: number; readonly entry: Entry }
  /** A value made for this answer: dry runs, scales, reviews, Status. */
  | { readonly as: 'object'; readonly code: number; readonly object: KubeObject };

export const keyOf = (op: Operation, name = op.name): StoreKey => ({
  resource: op.served.storage,
  namespace: op.served.namespaced ? op.namespace : '',
  name,
});

/** The names an error text needs. */
export const named = (op: Operation) => ({ group: op.served.group, resource: op.served.resource });
