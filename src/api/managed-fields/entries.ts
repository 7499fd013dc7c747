import type { ManagedFieldsEntry } from '../object.ts';
import { equal } from '../patch/json-patch.ts';
import { formatTime } from '../time.ts';
import { difference, type FieldSet, isEmptySet, ordered, parseFieldSet } from './field-set.ts';
import { PathError } from './path-element.ts';

/**
 * `metadata.managedFields`: one entry for each writer. Appliers are told apart by name and subresource, updaters by the
 * API version they write as well. Source of the rules: apimachinery `util/managedfields/internal`.
 */
export type Entry = ManagedFieldsEntry;

/** Who writes, how and when. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Of the request: `apps/v1`. */
  readonly apiVersion: string;
  /** "status", or "" for the object itself. */
  readonly subresource: string;
  /** Wall time, milliseconds. */
  readonly now: number;
}

/** Paths that belong to the server. `metadata` itself is one, what is below it mostly not. */
export const serverOwned: FieldSet = {
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

export const fieldsOfEntry = (entry: Entry): FieldSet => (entry.fieldsV1 ?? {}) as FieldSet;

export const withFields = (entry: Entry, fields: FieldSet): Entry =>
  fields === entry.fieldsV1 ? entry : { ...entry, fieldsV1: fields };

/** What tells entries apart. */
export const identityOf = (entry: Entry): string =>
  JSON.stringify([
    entry.manager ?? '',
    entry.operation,
    entry.operation === 'Apply' ? '' : entry.apiVersion,
    entry.subresource ?? '',
  ]);

/** Whether an entry is the writer's own. */
export const isOf = (entry: Entry, writer: Writer): boolean =>
  entry.operation === writer.operation &&
  entry.manager === writer.manager &&
  (entry.operation === 'Apply' || entry.apiVersion === writer.apiVersion) &&
  (entry.subresource ?? '') === writer.subresource;

/** When a writer writes, as entries say it. */
export const timeOf = (writer: Writer): string => formatTime(writer.now);

/** `time` is when the entry last changed; an entry that came without any change of the object has none. */
export function entryOf(writer: Writer, fields: FieldSet, time: string | undefined): Entry {
  return {
    manager: writer.manager,
    operation: writer.operation,
    apiVersion: writer.apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(writer.subresource && { subresource: writer.subresource }),
  };
}

function isValid(entry: Entry): boolean {
  const known = entry.operation === 'Apply' || entry.operation === 'Update';
  return known && !!entry.apiVersion && entry.fieldsType === 'FieldsV1';
}

/** What is wrong with entries, undefined when nothing is. Source of the texts: `managedfields.go`, DecodeManagedFields. */
export function entriesError(entries: readonly Entry[]): string | undefined {
  for (const [i, entry] of entries.entries()) {
    const { operation, apiVersion, fieldsType, fieldsV1 } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`';
    if (!apiVersion) return 'apiVersion must not be empty';
    if (!fieldsType) return `missing fieldsType in managed fields entry ${i}`;
    if (fieldsType !== 'FieldsV1')
      return `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${i}`;
    try {
      parseFieldSet(fieldsV1);
    } catch (error) {
      if (error instanceof PathError) return `error decoding set: ${error.message}`;
      throw error;
    }
  }
  return undefined;
}

/** One entry for each identity: of doubles the last. */
function distinct(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length < 2) return entries;
  const byIdentity = new Map(entries.map((entry) => [identityOf(entry), entry]));
  return byIdentity.size === entries.length ? entries : [...byIdentity.values()];
}

const none: readonly Entry[] = [];
const goodOf = (entries: readonly Entry[]) => (entries.every(isValid) ? distinct(entries) : none);
const checked = new WeakMap<readonly Entry[], readonly Entry[]>();

/** Stored entries, looked through once; none when somebody got nonsense into them. */
export function storedEntries(entries: readonly Entry[] | undefined): readonly Entry[] {
  if (!entries) return none;
  if (entries.length < 2) return goodOf(entries);
  let good = checked.get(entries);
  if (!good) checked.set(entries, (good = goodOf(entries)));
  return good;
}

/** Entries a client sends, in canonical form, or undefined when they make no sense. Those that did not change are shared. */
function sentEntries(sent: readonly Entry[], stored: readonly Entry[]): readonly Entry[] | undefined {
  if (!sent.every(isValid)) return undefined;
  if (equal(sent, stored)) return stored;
  const before = new Map(stored.map((entry) => [identityOf(entry), entry]));
  try {
    return distinct(
      sent.map((entry) => {
        const known = before.get(identityOf(entry));
        if (known && equal(known, entry)) return known;
        return { ...entry, fieldsV1: parseFieldSet(entry.fieldsV1) };
      }),
    );
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

/** An empty list, or one empty entry, asks to forget all. */
const asksForReset = (entries: readonly Entry[]): boolean =>
  entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0);

/** The entries a write starts from: those it brings if they make sense, else those there were. */
export function startingEntries(
  sent: readonly Entry[] | undefined,
  stored: readonly Entry[] | undefined,
  subresource: string,
): readonly Entry[] {
  const before = storedEntries(stored);
  if (subresource !== '' || sent === undefined) return before;
  return asksForReset(sent) ? [] : (sentEntries(sent, before) ?? before);
}

/** Whole seconds since the epoch, 0 for none. */
export const seconds = (entry: Entry) => (entry.time ? Math.trunc(Date.parse(entry.time) / 1000) : 0);

/** The order of optional texts. */
export const compare = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);

const order = (a: Entry, b: Entry): number =>
  compare(a.operation, b.operation) ||
  seconds(a) - seconds(b) ||
  compare(a.manager, b.manager) ||
  compare(a.apiVersion, b.apiVersion) ||
  compare(a.subresource, b.subresource);

/** Entries, and the paths of each, in the order they are stored. */
export const sortedEntries = (entries: readonly Entry[]): readonly Entry[] =>
  entries.map((entry) => withFields(entry, ordered(fieldsOfEntry(entry)))).sort(order);

/** What a writer owns of a set: all but what is the server's. */
export const ownable = (fields: FieldSet): FieldSet => difference(fields, serverOwned);

/** Replaces the writer's own entry; without fields there is none. */
export function withOwn(entries: readonly Entry[], writer: Writer, own: Entry | undefined): readonly Entry[] {
  const others = entries.filter((entry) => !isOf(entry, writer));
  return own && !isEmptySet(fieldsOfEntry(own)) ? [...others, own] : others;
}

/**
 * Whether two lists say the same but for the times. A write that changes only times writes nothing. Source: apiserver
 * `handlers/fieldmanager/equality.go`.
 */
export function sameButTimes(a: readonly Entry[] | undefined, b: readonly Entry[] | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.length !== b.length) return false;
  return a.every((entry, i) => {
    const { time: _, ...rest } = entry;
    const { time: __, ...other } = b[i]!;
    return equal(rest, other);
  });
}
