import { compare, type Entry, fieldsOfEntry, identityOf, seconds } from './entries.ts';
import { union } from './field-set.ts';

const maxUpdateManagers = 10;
const ancient = 'ancient-changes';

/** Past ten updaters the oldest of a version are thrown together. Source: `capmanagers.go`. */
export function cappedEntries(entries: readonly Entry[]): readonly Entry[] {
  const updates = entries.filter((entry) => entry.operation === 'Update');
  let excess = updates.length - maxUpdateManagers;
  if (excess <= 0) return entries;
  const kept = new Set(entries);
  const buckets = new Map<string, Entry>();
  for (const entry of updates.sort((a, b) => seconds(a) - seconds(b) || compare(identityOf(a), identityOf(b)))) {
    if (excess <= 0) break;
    const version = entry.apiVersion ?? '';
    const bucket = buckets.get(version);
    if (bucket) {
      kept.delete(bucket);
      kept.delete(entry);
      excess--;
    }
    const merged = bucket ? together(bucket, entry) : entry;
    kept.add(merged);
    buckets.set(version, merged);
  }
  return joined([...kept]);
}

/** The time is that of the later one. */
function together(bucket: Entry, entry: Entry): Entry {
  const { subresource: _, ...rest } = entry;
  return { ...rest, manager: ancient, fieldsV1: union(fieldsOfEntry(bucket), fieldsOfEntry(entry)) };
}

/** Buckets of earlier writes and new ones of the same version are one. */
function joined(entries: readonly Entry[]): readonly Entry[] {
  const byIdentity = new Map<string, Entry>();
  for (const entry of entries) {
    const same = byIdentity.get(identityOf(entry));
    byIdentity.set(identityOf(entry), same ? together(same, entry) : entry);
  }
  return byIdentity.size === entries.length ? entries : [...byIdentity.values()];
}
