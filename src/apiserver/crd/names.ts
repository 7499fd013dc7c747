import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../api/types/apiextensions-v1.gen.ts';
import type { Condition } from './definition.ts';

/** The names a definition gets, and whether these are all it asked for. */
export interface NamesVerdict {
  readonly accepted: Partial<CustomResourceDefinitionNames>;
  readonly condition: Condition;
}

type Names = Partial<CustomResourceDefinitionNames>;

const isTaken = (asked: string | undefined, own: string | undefined, taken: ReadonlySet<string>): boolean =>
  asked !== own && asked !== undefined && taken.has(asked);

const inUse = (name: string) => `${JSON.stringify(name)} is already in use`;

/** Several errors in Go's words. */
const joined = (texts: readonly string[]) => {
  const unique = [...new Set(texts)];
  return unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`;
};

/** The names already given to the other definitions of a group. */
function takenNames(
  group: string,
  others: Iterable<CustomResourceDefinition>,
): {
  resources: ReadonlySet<string>;
  kinds: ReadonlySet<string>;
} {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  const add = (set: Set<string>, name: string | undefined) => name && set.add(name);
  for (const { spec, status } of others) {
    const names = spec.group === group ? status?.acceptedNames : undefined;
    if (!names) continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) add(resources, name);
    for (const name of [names.kind, names.listKind]) add(kinds, name);
  }
  return { resources, kinds };
}

/**
 * Gives a definition the names it asks for as far as no other of its group has them; the others it keeps as they were.
 * Source: apiextensions `controller/status/naming_controller.go`.
 */
export function judgeNames(crd: CustomResourceDefinition, others: Iterable<CustomResourceDefinition>): NamesVerdict {
  const asked = crd.spec.names;
  const own: Names = crd.status?.acceptedNames ?? {};
  const taken = takenNames(crd.spec.group, others);
  const accepted: Record<string, unknown> = { ...own };
  let condition: Condition = {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  };
  const refuse = (reason: string, message: string) => {
    condition = { type: 'NamesAccepted', status: 'False', reason, message };
  };
  const single = (field: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, names: ReadonlySet<string>) => {
    const name = asked[field];
    if (isTaken(name, own[field], names)) refuse(reason, inUse(name!));
    else if (name !== undefined) accepted[field] = name;
  };
  single('plural', 'PluralConflict', taken.resources);
  single('singular', 'SingularConflict', taken.resources);
  const conflicts = (asked.shortNames ?? []).filter(
    (name) => !own.shortNames?.includes(name) && taken.resources.has(name),
  );
  if (conflicts.length > 0) refuse('ShortNamesConflict', joined(conflicts.map(inUse)));
  else setList(accepted, 'shortNames', asked.shortNames);
  single('kind', 'KindConflict', taken.kinds);
  single('listKind', 'ListKindConflict', taken.kinds);
  setList(accepted, 'categories', asked.categories);
  return { accepted, condition };
}

function setList(names: Record<string, unknown>, field: string, list: readonly string[] | undefined): void {
  if (list?.length) names[field] = list;
  else delete names[field];
}
