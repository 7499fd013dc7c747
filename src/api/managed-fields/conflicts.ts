import { StatusError } from '../status.ts';
import { type Entry, fieldsOfEntry } from './entries.ts';
import { type FieldSet, intersection, pathsOf } from './field-set.ts';
import { elementText } from './path-element.ts';

/** A field that the configuration sets to another value than its owner did. */
export interface Conflict {
  readonly owner: Entry;
  readonly path: readonly string[];
}

/** The conflicts of an owner with a change. */
export const conflictsOf = ({ owner, changed }: { owner: Entry; changed: FieldSet }): Conflict[] =>
  [...pathsOf(intersection(fieldsOfEntry(owner), changed))].map((path) => ({ owner, path }));

const textOf = (path: readonly string[]) => path.map(elementText).join('');

/** `"kubectl" with subresource "status" using apps/v1`. */
function ownerText({ manager = '', operation, apiVersion, subresource }: Entry): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

function message(conflicts: readonly Conflict[]): string {
  const [only] = conflicts;
  if (conflicts.length === 1 && only)
    return `Apply failed with 1 conflict: conflict with ${ownerText(only.owner)}: ${textOf(only.path)}`;
  const byOwner = Map.groupBy(conflicts, ({ owner }) => ownerText(owner));
  const lines = [...byOwner]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([owner, theirs]) => [`conflicts with ${owner}:`, ...theirs.map(({ path }) => `- ${textOf(path)}`)]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** The 409 of an apply that would take fields from others. Source of the texts: `managedfields/internal/conflict.go`. */
export class ApplyConflict extends StatusError {
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super('Conflict', message(conflicts), {
      causes: conflicts.map(({ owner, path }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${ownerText(owner)}`,
        field: textOf(path),
      })),
    });
    this.conflicts = conflicts;
  }
}
