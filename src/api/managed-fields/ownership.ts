import { type Comparison, compareFields } from './compare.ts';
import { type Entry, fieldsOfEntry, withFields } from './entries.ts';
import { difference, type FieldSet, isEmptySet } from './field-set.ts';
import { knownToFit, reconcileFields } from './reconcile.ts';
import { inVersion, keptFields, type ResetFields, type Steps, type Versioned } from './versions.ts';

/** What a change takes from whom. */
export interface Transfer {
  /** The entries without what changed; those that own nothing any more are gone. */
  readonly entries: readonly Entry[];
  /** What others owned and the change overwrites. */
  readonly lost: readonly Lost[];
  /** In the version of the write. */
  readonly comparison: Comparison;
}

/** An owner, and what changed of all there is: what they share is lost. Only conflicts need to know exactly. */
export interface Lost {
  readonly owner: Entry;
  readonly changed: FieldSet;
}

/** Fields that an endpoint resets, by version. */
export type ResetByVersion = (apiVersion: string) => ResetFields | undefined;

function comparisonIn(before: Versioned, after: Versioned, reset: ResetFields | undefined): Comparison {
  const { changed, removed } = compareFields(after.type, before.tree, after.tree);
  return { changed: keptFields(changed, reset), removed: keptFields(removed, reset) };
}

/**
 * Takes from everybody what a change overwrites or removes, each compared in the version it wrote. `isOwn` entries are the
 * writer's business. Entries of versions that are not served any more go. Source: structured-merge-diff `merge.Updater`.
 */
export function* transfer(
  entries: readonly Entry[],
  isOwn: (entry: Entry) => boolean,
  before: Versioned,
  after: Versioned,
  reset: ResetByVersion,
): Steps<Transfer> {
  const comparison = comparisonIn(before, after, reset(after.apiVersion));
  const comparisons = new Map<string, Comparison | undefined>([[after.apiVersion, comparison]]);
  const lost: Lost[] = [];
  const kept: Entry[] = [];
  for (const entry of entries) {
    if (isOwn(entry)) {
      kept.push(entry);
      continue;
    }
    const version = entry.apiVersion!;
    if (!comparisons.has(version)) {
      const [old, now] = [yield* inVersion(before, version), yield* inVersion(after, version)];
      comparisons.set(version, old && now && comparisonIn(old, now, reset(version)));
    }
    const theirs = comparisons.get(version);
    if (!theirs) continue;
    const fields = fieldsOfEntry(entry);
    const left = difference(fields, theirs.changed);
    if (left !== fields) lost.push({ owner: entry, changed: theirs.changed });
    const rest = difference(left, theirs.removed);
    if (isEmptySet(rest)) continue;
    if (version === after.apiVersion) knownToFit(after.type, rest);
    kept.push(withFields(entry, rest));
  }
  return { entries: kept, lost, comparison };
}

/** The entries as the types of today see them; those of versions that are not served any more go. */
export function* reconciled(entries: readonly Entry[], live: Versioned): Steps<readonly Entry[]> {
  const kept: Entry[] = [];
  for (const entry of entries) {
    const { apiVersion } = entry;
    const seen = apiVersion === live.apiVersion ? live : yield* inVersion(live, apiVersion!);
    if (seen) kept.push(withFields(entry, reconcileFields(seen.type, fieldsOfEntry(entry))));
  }
  return kept;
}
