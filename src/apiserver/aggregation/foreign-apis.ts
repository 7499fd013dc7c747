import type { APIService } from '../../api/types/apiregistration-v1.gen.ts';
import type { Change, Store, Watch } from '../../store/store.ts';
import type { RequestInfo } from '../request-info.ts';
import { type ForeignApi, foreignApi } from './foreign-api.ts';

/** Where the store keeps APIServices. */
export const apiServicesResource = 'apiservices.apiregistration.k8s.io';

/** Where OpenAPI documents are, each at the path of its group version. */
export const openApiDocuments = '/openapi/v3/';

/** An APIService changed: what it said before and says now of another server; undefined where it speaks of none. */
export type ForeignApiListener = (before: ForeignApi | undefined, after: ForeignApi | undefined) => void;

/** The group versions that other servers serve. The store's own watch keeps them, before any client hears of a change. */
export class ForeignApis {
  readonly #byPath = new Map<string, ForeignApi>();
  readonly #listeners: ForeignApiListener[] = [];
  readonly #watch: Watch;

  constructor(store: Store) {
    const { entries, revision } = store.list(apiServicesResource);
    for (const { object } of entries) this.#set(undefined, foreignApi(object as unknown as APIService));
    this.#watch = store.watch(
      apiServicesResource,
      { after: revision },
      { changes: (changes) => this.#change(changes) },
    );
  }

  /** How many there are. */
  get size(): number {
    return this.#byPath.size;
  }

  /** All, in no order. */
  all(): Iterable<ForeignApi> {
    return this.#byPath.values();
  }

  /** By the name of the APIService. */
  named(name: string): ForeignApi | undefined {
    for (const api of this.#byPath.values()) if (api.name === name) return api;
    return undefined;
  }

  find(group: string, version: string): ForeignApi | undefined {
    if (this.#byPath.size === 0) return undefined;
    return this.#byPath.get(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
  }

  /** Whose a request is: one for a resource, for the list of resources, or for the OpenAPI document of a group version. */
  route({ isResource, group, version, path }: RequestInfo): ForeignApi | undefined {
    if (this.#byPath.size === 0) return undefined;
    if (isResource) return this.find(group, version);
    if (path.startsWith(openApiDocuments)) return this.#byPath.get(path.slice(openApiDocuments.length - 1));
    return this.#byPath.get(path.endsWith('/') ? path.slice(0, -1) : path);
  }

  /** Calls `listener` with every change from now on. */
  onChange(listener: ForeignApiListener): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#watch.close();
  }

  #change(changes: readonly Change[]): void {
    for (const { type, entry, previous } of changes) {
      const before = previous && foreignApi(previous.object as unknown as APIService);
      const after = type === 'DELETED' ? undefined : foreignApi(entry.object as unknown as APIService);
      if (before || after) this.#set(before, after);
    }
  }

  #set(before: ForeignApi | undefined, after: ForeignApi | undefined): void {
    if (before) this.#byPath.delete(before.path);
    if (after) this.#byPath.set(after.path, after);
    for (const listener of this.#listeners) listener(before, after);
  }
}
