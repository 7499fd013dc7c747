import type { KubeObject } from '../object.ts';
import { equal } from '../patch/json-patch.ts';
import { badRequest } from '../status.ts';
import { cappedEntries } from './cap-entries.ts';
import { configErrors } from './check-config.ts';
import { fieldsOf } from './collect.ts';
import { ApplyConflict, conflictsOf } from './conflicts.ts';
import {
  type Entry,
  entryOf,
  isOf,
  ownable,
  sortedEntries,
  storedEntries,
  timeOf,
  type Writer,
  withOwn,
} from './entries.ts';
import { hasPath } from './field-set.ts';
import { fieldsLastApplied, lastAppliedManager, withLastApplied } from './last-applied.ts';
import { mergeFields } from './merge.ts';
import { reconciled, transfer } from './ownership.ts';
import { isTree, type Tree } from './place.ts';
import { prune } from './prune.ts';
import { knownToFit } from './reconcile.ts';
import { convertOf, emptyOf, resetOf, updatedEntries, versioned, type WriteOrigin, writerOf } from './update.ts';
import { keptFields, runSteps, type Steps } from './versions.ts';

/** A server-side apply as field management sees it. */
export interface ApplyOrigin extends WriteOrigin {
  readonly kind: string;
  /** Takes fields from others instead of failing. */
  readonly force: boolean;
}

export interface Applied {
  /**
   * The object with the configuration in it: the live one itself where nothing changes. It shares frozen parts with the
   * live one, and holds nulls where something was taken away.
   */
  readonly object: KubeObject;
  readonly managedFields: readonly Entry[];
}

/** Who owned what before anybody applied. */
const beforeFirstApply = 'before-first-apply';

/** `apps/v1, Kind=Deployment`. */
const kindText = (apiVersion: string, kind: string) =>
  `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** Refuses a configuration of another kind, of the wrong form, or that brings managedFields. Throws 400. */
export function refuseUnfit(config: Tree, origin: ApplyOrigin): void {
  const kind = kindText(text(config['apiVersion']), text(config['kind']));
  if (config['apiVersion'] !== origin.apiVersion || config['kind'] !== origin.kind)
    throw badRequest(`invalid object type: ${kind}`);
  const metadata = isTree(config['metadata']) ? config['metadata'] : {};
  if (Array.isArray(metadata['managedFields'])) throw badRequest('metadata.managedFields must be nil');
  const wrong = configErrors(origin.type, config);
  if (wrong === undefined) return;
  const object = `${text(metadata['namespace'])}/${text(metadata['name'])}; ${kind}`;
  throw badRequest(`failed to create typed patch object (${object}): ${wrong}`);
}

interface Attempt {
  readonly live: KubeObject;
  readonly config: Tree;
  readonly entries: readonly Entry[];
  readonly writer: Writer;
  readonly origin: ApplyOrigin;
}

function* attempt({ live, config, entries, writer, origin }: Attempt, force: boolean): Steps<Applied> {
  const before = versioned(origin, live);
  const known = yield* reconciled(entries, before);
  const set = keptFields(fieldsOf(origin.type, config), resetOf(origin)(origin.apiVersion));
  const last = known.find((entry) => isOf(entry, writer));
  const managers = withOwn(known, writer, entryOf(writer, set, last?.time));
  const merged = versioned(origin, mergeFields(origin.type, live, config));
  const after = yield* prune(merged, managers, last, set);
  const isOwn = (entry: Entry) => isOf(entry, writer);
  const { entries: kept, lost } = yield* transfer(managers, isOwn, before, after, resetOf(origin));
  if (lost.length && !force) throw new ApplyConflict(lost.flatMap(conflictsOf));
  const same = equal(live, after.tree);
  const own = entryOf(writer, knownToFit(origin.type, ownable(set)), same ? last?.time : timeOf(writer));
  return { object: same ? live : (after.tree as KubeObject), managedFields: withOwn(kept, writer, own) };
}

/** Conflicts about what client-side apply set last are none for `kubectl`. */
function* attemptUnlessLastApplied(it: Attempt): Steps<Applied> {
  const { origin } = it;
  try {
    return yield* attempt(it, origin.force);
  } catch (error) {
    if (!(error instanceof ApplyConflict) || it.writer.manager !== lastAppliedManager) throw error;
    const allowed = fieldsLastApplied(origin.type, origin.apiVersion, it.live);
    const rest = error.conflicts.filter(({ path }) => !hasPath(allowed, path));
    if (rest.length) throw new ApplyConflict(rest);
    return yield* attempt(it, true);
  }
}

function* apply(live: KubeObject, config: Tree, origin: ApplyOrigin): Steps<Applied> {
  const writer = writerOf(origin, 'Apply');
  let entries = storedEntries(live.metadata?.managedFields);
  if (entries.length === 0) {
    const earlier = writerOf({ ...origin, manager: beforeFirstApply }, 'Update');
    entries = cappedEntries(yield* updatedEntries([], emptyOf(origin.type), live, earlier, origin));
  }
  const { object, managedFields } = yield* attemptUnlessLastApplied({ live, config, entries, writer, origin });
  return {
    object: writer.manager === lastAppliedManager ? withLastApplied(object, config) : object,
    managedFields: sortedEntries(managedFields),
  };
}

/**
 * Merges an applied configuration into an object (`undefined`: there is none yet) and works out who owns what. Throws the
 * 400 of an unfit configuration and the 409 of a conflict. A promise only where a conversion takes time. Source of the
 * rules: structured-merge-diff `merge.Updater` and apimachinery `util/managedfields`.
 */
export function applyConfiguration(
  live: KubeObject | undefined,
  config: Tree,
  origin: ApplyOrigin,
): Applied | Promise<Applied> {
  refuseUnfit(config, origin);
  return runSteps(apply(live ?? (emptyOf(origin.type) as KubeObject), config, origin), convertOf(origin));
}
