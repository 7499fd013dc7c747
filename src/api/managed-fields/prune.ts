import { fieldsOf } from './collect.ts';
import { type Entry, fieldsOfEntry } from './entries.ts';
import { difference, type FieldSet, intersection, isEmptySet, union } from './field-set.ts';
import { withNamedFields, withoutFields } from './remove.ts';
import { inVersion, type Steps, type Versioned } from './versions.ts';

/**
 * Takes out of a merged object what its applier applied last time, does not apply now, and nobody else owns. Source:
 * structured-merge-diff `merge.Updater.prune`.
 *
 * `managers` are all entries, the applier's new one among them; `last` is its entry before, `set` what it applies now.
 */
export function* prune(
  merged: Versioned,
  managers: readonly Entry[],
  last: Entry | undefined,
  set: FieldSet,
): Steps<Versioned> {
  const applied = last && fieldsOfEntry(last);
  if (!applied || isEmptySet(applied)) return merged;
  const version = last.apiVersion!;
  // The everyday case: all that was applied is applied again.
  if (version === merged.apiVersion && isEmptySet(difference(applied, set))) return merged;
  const whole = yield* inVersion(merged, version);
  if (!whole) return merged;
  const bare = without(whole, withNamedFields(whole.type, applied));
  const owned = yield* withOwned(whole, bare, managers);
  const result = yield* withUnowned(whole, owned, applied);
  return (yield* inVersion(result, merged.apiVersion)) ?? merged;
}

const without = (object: Versioned, set: FieldSet): Versioned => ({
  ...object,
  tree: withoutFields(object.type, object.tree, set),
});

const named = ({ type, tree }: Versioned): FieldSet => withNamedFields(type, fieldsOf(type, tree));

/** Puts back what others own, or the applier still applies; the version of the removal first. */
function* withOwned(whole: Versioned, bare: Versioned, managers: readonly Entry[]): Steps<Versioned> {
  const byVersion = new Map<string, FieldSet>([[whole.apiVersion, {}]]);
  for (const entry of managers)
    byVersion.set(entry.apiVersion!, union(byVersion.get(entry.apiVersion!) ?? {}, fieldsOfEntry(entry)));
  let [merged, pruned] = [whole, bare];
  for (const [version, owned] of byVersion) {
    const [all, some] = [yield* inVersion(merged, version), yield* inVersion(pruned, version)];
    if (!all || !some) continue;
    const keep = union(named(some), withNamedFields(all.type, owned));
    merged = all;
    pruned = without(all, difference(named(all), keep));
  }
  return pruned;
}

/** Puts back what nobody owns and only went with something else: the applier may take away what it applied, no more. */
function* withUnowned(whole: Versioned, pruned: Versioned, applied: FieldSet): Steps<Versioned> {
  const rest = yield* inVersion(pruned, whole.apiVersion);
  if (!rest) return whole;
  const lost = difference(named(whole), named(rest));
  return without(whole, intersection(lost, withNamedFields(whole.type, applied)));
}
