import type { ListMeta } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import { Compacted, type Entry, FutureRevision, type ListOptions, type Page } from '../../store/store.ts';
import { decodeContinue, encodeContinue, expiredContinue, expiredRevision } from './continue-token.ts';
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
  const asked = parseRevision(options.resourceVersion);
  const base: ListOptions = {
    ...(served.namespaced && namespace && { namespace }),
    ...(options.limit && { limit: options.limit }),
    ...(keep && { keep }),
    ...(selection.index && { index: selection.index }),
  };
  if (options.continue) return continued(registry, op, base, options.continue);
  if (asked > registry.store.revision) throw tooLargeRevision(asked, registry.store.revision);
  const exact =
    options.resourceVersionMatch === 'Exact' || (asked > 0 && options.limit && !options.resourceVersionMatch);
  try {
    return read(registry, op, exact ? { ...base, revision: asked } : base);
  } catch (error) {
    if (error instanceof Compacted) throw expiredRevision(asked, registry.store.floor);
    if (error instanceof FutureRevision) throw tooLargeRevision(asked, registry.store.revision);
    throw error;
  }
}

/** The next page of a list: at the first page's revision, or as of now where the token says so. */
function continued(
  registry: Registry,
  op: Operation,
  base: ListOptions,
  token: string,
): ListResult | Promise<ListResult> {
  const version = op.options.resourceVersion;
  if (version && version !== '0') throw badRequest('specifying resource version is not allowed when using continue');
  const { revision, after } = decodeContinue(token, op.served.namespaced);
  try {
    return read(registry, op, { ...base, after, ...(revision > 0 && { revision }) });
  } catch (error) {
    if (error instanceof Compacted)
      throw expiredContinue(encodeContinue({ revision: -1, after }, op.served.namespaced));
    if (error instanceof FutureRevision) throw badRequest('continue key is not valid');
    throw error;
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
