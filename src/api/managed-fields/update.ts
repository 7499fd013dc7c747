import { conform } from '../conform.ts';
import type { TypeFacts } from '../facts.ts';
import { deepFreeze, type KubeObject, type Mutable } from '../object.ts';
import { cappedEntries } from './cap-entries.ts';
import {
  type Entry,
  entryOf,
  fieldsOfEntry,
  isOf,
  ownable,
  sortedEntries,
  startingEntries,
  timeOf,
  type Writer,
  withOwn,
} from './entries.ts';
import { isEmptySet, union } from './field-set.ts';
import { type ResetByVersion, reconciled, transfer } from './ownership.ts';
import { knownToFit } from './reconcile.ts';
import { type Convert, keptFields, runSteps, type Steps, type Versioned } from './versions.ts';

/** A write as field management sees it. */
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
  /** What the endpoint resets; nothing unless given. */
  readonly reset?: ResetByVersion;
  /** Gives objects in other versions; without it there are none. */
  readonly convert?: Convert;
}

export const writerOf = (origin: WriteOrigin, operation: Writer['operation']): Writer => ({
  manager: origin.manager || 'unknown',
  operation,
  apiVersion: origin.apiVersion,
  subresource: origin.subresource,
  now: origin.now,
});

export const resetOf = (origin: WriteOrigin): ResetByVersion => origin.reset ?? (() => undefined);
export const convertOf = (origin: WriteOrigin): Convert => origin.convert ?? (() => undefined);

export const versioned = (origin: WriteOrigin, tree: object): Versioned => ({
  apiVersion: origin.apiVersion,
  type: origin.type,
  tree,
});

const empties = new WeakMap<TypeFacts, object>();

/** What a new object is compared with: Go's empty value of the type. */
export function emptyOf(type: TypeFacts): object {
  let empty = empties.get(type);
  if (!empty) empties.set(type, (empty = deepFreeze(conform(type, {}).value as object)));
  return empty;
}

const nobody = () => false;

/** The entries after a write: the writer owns what it changed, the others lose it. */
export function* updatedEntries(
  entries: readonly Entry[],
  old: object,
  now: object,
  writer: Writer,
  origin: WriteOrigin,
): Steps<readonly Entry[]> {
  const [before, after] = [versioned(origin, old), versioned(origin, now)];
  const fitting = yield* reconciled(entries, before);
  const reset = resetOf(origin);
  const { entries: kept, comparison } = yield* transfer(fitting, nobody, before, after, reset);
  const gained = ownable(keptFields(comparison.changed, reset(origin.apiVersion)));
  if (isEmptySet(gained)) return kept;
  const own = kept.find((entry) => isOf(entry, writer));
  const fields = knownToFit(origin.type, own ? union(gained, fieldsOfEntry(own)) : gained);
  return withOwn(kept, writer, entryOf(writer, fields, timeOf(writer)));
}

/**
 * Sets `metadata.managedFields` of a written object (server-side apply has rules of its own). `old` is the state before,
 * undefined for a create. A promise only where a conversion takes time. Source of the rules: apimachinery
 * `util/managedfields`.
 */
export function updateManagedFields(
  object: Mutable<KubeObject>,
  old: KubeObject | undefined,
  origin: WriteOrigin,
): void | Promise<void> {
  const meta = object.metadata as { managedFields?: readonly Entry[] };
  const start = startingEntries(meta.managedFields, old?.metadata.managedFields, origin.subresource);
  delete meta.managedFields;
  // Objects that nobody manages stay so: tracking starts with the create.
  if (start.length === 0 && old !== undefined) return undefined;
  const writer = writerOf(origin, 'Update');
  const set = (entries: readonly Entry[]) => {
    if (entries.length) meta.managedFields = sortedEntries(cappedEntries(entries));
  };
  const before = old ?? emptyOf(origin.type);
  const entries = runSteps(updatedEntries(start, before, object, writer, origin), convertOf(origin));
  if (entries instanceof Promise) return entries.then(set);
  return set(entries);
}
