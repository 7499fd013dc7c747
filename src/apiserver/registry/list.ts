import type { ListMeta } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import { Compacted, type Entry, type ListOptions, type Page } from '../../store/store.ts';
import { decodeContinue, encodeContinue, expiredContinue, expiredList } from './continue-token.ts';
import { checkListOptions } from './list-options.ts';
import type { Operation, Registry } from './operation.ts';
import { parseRevision, tooLargeRevision } from './revision.ts';
import { entryFilter, selectionOf } from './selection.ts';
import { whenEntriesReady } from './versions.ts';

/** A page of a list, before encoding. */
export interface ListResult {
  readonly entries: readonly Entry[];
  readonly metadata: ListMeta;
}

/** GET of a collection. */
export function list(registry: Registry, op: Operation): ListResult | Promise<ListResult> {
  const { options, served } = op;
  checkListOptions(options, false);
  const selection = selectionOf(served, options);
  const namespace = op.namespace || selection.namespace || undefined;
  const keep = entryFilter(selection);
  const base: ListOptions = {
    ...(served.namespaced && namespace && { namespace }),
    // Who takes any revision gets everything at once. Source: apiserver `storage/cacher`, computeListLimit.
    ...(options.limit && options.resourceVersion !== '0' && { limit: options.limit }),
    ...(keep && { keep }),
    ...(selection.index && { index: selection.index }),
  };
  return options.continue ? continued(registry, op, base, options.continue) : begun(registry, op, base, selection.name);
}

/** The first page, or the whole: at the revision asked for, or as of now. */
function begun(
  registry: Registry,
  op: Operation,
  base: ListOptions,
  name: string | undefined,
): ListResult | Promise<ListResult> {
  const { resourceVersion, resourceVersionMatch, limit } = op.options;
  const { store } = registry;
  const asked = parseRevision(resourceVersion, 'invalid resource version: ');
  if (asked > store.revision) throw tooLargeRevision(asked, store.revision);
  const exact = resourceVersionMatch === 'Exact' || (asked > 0 && limit && !resourceVersionMatch);
  const again = () => single(registry, op, base, name) ?? read(registry, op, base);
  if (!exact) return readAt(again, again);
  return readAt(
    () => read(registry, op, { ...base, revision: asked }),
    () => {
      throw expiredList();
    },
  );
}

/** What a selector of one name finds, without looking at the others; undefined where it may stand in any namespace. */
function single(
  { store }: Registry,
  op: Operation,
  { namespace = '', keep }: ListOptions,
  name: string | undefined,
): ListResult | undefined {
  if (name === undefined || op.served.custom || (op.served.namespaced && namespace === '')) return undefined;
  const entry = store.get({ resource: op.served.storage, namespace, name });
  const metadata = { resourceVersion: String(store.revision) };
  return { entries: entry && (!keep || keep(entry)) ? [entry] : [], metadata };
}

/** The next page of a list: at the first page's revision, or as of now where the token says so. */
function continued(
  registry: Registry,
  op: Operation,
  base: ListOptions,
  token: string,
): ListResult | Promise<ListResult> {
  const { revision, after } = decodeContinue(token, op.served.namespaced);
  const version = op.options.resourceVersion;
  if (version && version !== '0') throw badRequest('specifying resource version is not allowed when using continue');
  const { store } = registry;
  if (revision > store.revision) throw tooLargeRevision(revision, store.revision);
  return readAt(
    () => read(registry, op, { ...base, after, ...(revision > 0 && { revision }) }),
    () => {
      throw expiredContinue(encodeContinue({ revision: -1, after }, op.served.namespaced));
    },
  );
}

/** Reads, now or in slices; `compacted` has the say when the revision is gone, perhaps in the middle of it. */
function readAt(
  reading: () => ListResult | Promise<ListResult>,
  compacted: () => ListResult | Promise<ListResult>,
): ListResult | Promise<ListResult> {
  const handle = (error: unknown) => {
    if (error instanceof Compacted) return compacted();
    throw error;
  };
  try {
    const result = reading();
    return result instanceof Promise ? result.catch(handle) : result;
  } catch (error) {
    return handle(error);
  }
}

/** Entries filtered in one go; above that others get their turn in between. */
const scanSize = 512;

function read(registry: Registry, op: Operation, options: ListOptions): ListResult | Promise<ListResult> {
  const { store } = registry;
  const { keep, ...range } = options;
  if (keep && op.served.custom) return scan(registry, op, options, keep);
  if (keep && !options.index && store.count(op.served.storage, options.namespace) > scanSize)
    return scan(registry, op, range, keep);
  return answer(op, store.list(op.served.storage, options), options);
}

/** A filtered list of many: a slice at a time, all at the revision of the first. */
async function scan(
  registry: Registry,
  op: Operation,
  range: ListOptions,
  keep: (entry: Entry) => boolean,
): Promise<ListResult> {
  const { limit, ...rest } = range;
  const kept: Entry[] = [];
  let page = registry.store.list(op.served.storage, { ...rest, limit: scanSize });
  const { revision } = page;
  for (;;) {
    const selected = await whenEntriesReady(op.served, page.entries, () => page.entries.filter(keep));
    for (const entry of selected) {
      // One more than asked for tells that there is more.
      if (limit && kept.length === limit) return answer(op, { ...page, entries: kept, more: true }, { ...range, keep });
      kept.push(entry);
    }
    const last = page.entries.at(-1);
    if (!page.more || !last) return answer(op, { ...page, entries: kept, more: false }, { ...range, keep });
    await new Promise(setImmediate);
    page = registry.store.list(op.served.storage, { ...rest, limit: scanSize, revision, after: last.key });
  }
}

function answer(op: Operation, page: Page, base: ListOptions): ListResult {
  const last = page.entries.at(-1);
  if (!page.more || !last) return { entries: page.entries, metadata: { resourceVersion: String(page.revision) } };
  const token = encodeContinue({ revision: page.revision, after: last.key }, op.served.namespaced);
  return {
    entries: page.entries,
    metadata: {
      resourceVersion: String(page.revision),
      continue: token,
      // With a selector the rest is not counted, as upstream.
      ...(!base.keep && page.remaining !== undefined && { remainingItemCount: page.remaining }),
    },
  };
}
