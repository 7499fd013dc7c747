import { conform } from '../conform.ts';
import type { TypeFacts } from '../facts.ts';
import type { KubeObject, ManagedFieldsEntry, Mutable } from '../object.ts';
import { formatTime } from '../time.ts';
import { compareFields } from './compare.ts';
import { difference, type FieldSet, isEmptySet, union } from './field-set.ts';

/**
 * Who manages which field, after a create, update or patch (server-side apply has rules of its own): the writer owns what
 * it changed, the others lose it. Source of the rules: apimachinery `util/managedfields`.
 *
 * Entries written in another version of the API than this write's are kept untouched; upstream converts the object to
 * their version first, which matters only for kinds with several served versions.
 */
export interface WriteOrigin {
  readonly type: TypeFacts;
  /** Of the request: `apps/v1`. */
  readonly apiVersion: string;
  /** The fieldManager parameter, else the part of the user agent before the slash. */
  readonly manager: string;
  /** "status", or "" for the object itself. */
  readonly subresource: string;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/** Paths that belong to the server. `metadata` itself is one, what is below it mostly not. */
const serverOwned: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:clusterName': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
  },
};

const maxUpdateManagers = 10;

type Entry = ManagedFieldsEntry;

const fieldsOf = (entry: Entry): FieldSet => (entry.fieldsV1 ?? {}) as FieldSet;

function isValid(entry: Entry): boolean {
  const known = entry.operation === 'Apply' || entry.operation === 'Update';
  return known && !!entry.apiVersion && entry.fieldsType === 'FieldsV1';
}

/** An empty list, or one empty entry, asks to forget all. */
function asksForReset(entries: readonly Entry[] | undefined): boolean {
  return (
    entries !== undefined && (entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0))
  );
}

/** The entries a write starts from: those it brings if they make sense, else those there were. */
function startingEntries(
  asked: readonly Entry[] | undefined,
  before: readonly Entry[],
  subresource: string,
): readonly Entry[] {
  if (subresource === '') {
    if (asksForReset(asked)) return [];
    if (asked?.length && asked.every(isValid)) return asked;
  }
  return before.every(isValid) ? before : [];
}

const isOf = (entry: Entry, origin: WriteOrigin) =>
  entry.operation === 'Update' &&
  entry.manager === origin.manager &&
  entry.apiVersion === origin.apiVersion &&
  (entry.subresource ?? '') === origin.subresource;

const seconds = (entry: Entry) => (entry.time ? Date.parse(entry.time) : 0);

const order = (a: Entry, b: Entry): number =>
  compare(a.operation ?? '', b.operation ?? '') ||
  seconds(a) - seconds(b) ||
  compare(a.manager ?? '', b.manager ?? '') ||
  compare(a.apiVersion ?? '', b.apiVersion ?? '') ||
  compare(a.subresource ?? '', b.subresource ?? '');

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function entryOf(origin: WriteOrigin, fields: FieldSet): Entry {
  return {
    manager: origin.manager || 'unknown',
    operation: 'Update',
    apiVersion: origin.apiVersion,
    time: formatTime(origin.now),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(origin.subresource && { subresource: origin.subresource }),
  };
}

/** Past ten update entries the oldest of a version are thrown together. */
function capped(entries: Entry[]): Entry[] {
  let excess = entries.filter((e) => e.operation === 'Update').length - maxUpdateManagers;
  if (excess <= 0) return entries;
  const kept = [...entries];
  const oldest = entries
    .filter((e) => e.operation === 'Update')
    .sort((a, b) => seconds(a) - seconds(b) || compare(a.manager ?? '', b.manager ?? ''));
  const buckets = new Map<string, Entry>();
  for (const entry of oldest) {
    if (excess <= 0) break;
    const version = entry.apiVersion ?? '';
    const bucket = buckets.get(version);
    if (!bucket) {
      buckets.set(version, entry);
      continue;
    }
    const { subresource: _, ...rest } = entry;
    const merged: Entry = { ...rest, manager: 'ancient-changes', fieldsV1: union(fieldsOf(bucket), fieldsOf(entry)) };
    kept.splice(kept.indexOf(entry), 1);
    kept[kept.indexOf(bucket)] = merged;
    buckets.set(version, merged);
    excess--;
  }
  return kept;
}

const empties = new Map<TypeFacts, object>();

/** What a new object is compared with: Go's empty value of the type. */
function emptyOf(type: TypeFacts): object {
  let empty = empties.get(type);
  if (!empty) empties.set(type, (empty = conform(type, {}).value as object));
  return empty;
}

/** Sets `metadata.managedFields` of a written object. `old` is the state before, undefined for a create. */
export function updateManagedFields(
  object: Mutable<KubeObject>,
  old: KubeObject | undefined,
  origin: WriteOrigin,
): void {
  const meta = object.metadata as { managedFields?: readonly Entry[] };
  const asked = meta.managedFields;
  const start = startingEntries(asked, old?.metadata.managedFields ?? [], origin.subresource);
  delete meta.managedFields;
  // Objects that nobody manages stay so: tracking starts with the create.
  if (start.length === 0 && old !== undefined) return;
  const { changed, removed } = compareFields(origin.type, old ?? emptyOf(origin.type), object);
  const gained = difference(changed, serverOwned);
  const entries: Entry[] = [];
  let mine: FieldSet | undefined;
  for (const entry of start) {
    if (entry.apiVersion !== origin.apiVersion) {
      entries.push(entry);
      continue;
    }
    const fields = difference(difference(fieldsOf(entry), changed), removed);
    if (isOf(entry, { ...origin, manager: origin.manager || 'unknown' })) {
      mine = fields;
      if (isEmptySet(gained) && !isEmptySet(fields)) entries.push(withFields(entry, fields));
    } else if (!isEmptySet(fields)) entries.push(withFields(entry, fields));
  }
  if (!isEmptySet(gained)) entries.push(entryOf(origin, mine ? union(gained, mine) : gained));
  if (entries.length) meta.managedFields = capped(entries).sort(order);
}

const withFields = (entry: Entry, fields: FieldSet): Entry =>
  fields === entry.fieldsV1 ? entry : { ...entry, fieldsV1: fields };
