import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../api/types/apiextensions-v1.gen.ts';
import type { Condition } from './definition.ts';

type Names = Partial<CustomResourceDefinitionNames>;

/** The names a definition gets, and whether these are all it asked for. */
export interface NamesVerdict {
  readonly accepted: Names;
  readonly condition: Condition;
}

/** Plurals, singulars and short names are of one stock, kinds and list kinds of another; each group has its own. */
type Stock = 'resource' | 'kind';

const stocks: readonly (readonly [Stock, (names: Names) => readonly (string | undefined)[]])[] = [
  ['resource', (names) => [names.plural, names.singular, ...(names.shortNames ?? [])]],
  ['kind', (names) => [names.kind, names.listKind]],
];

/** Which definition has which names. Definitions whose write is under way have theirs too. */
export class NameBook {
  /** Owners by "group/stock/name": usually one. */
  readonly #owners = new Map<string, Set<string>>();
  readonly #names = new Map<string, readonly string[]>();

  /** Notes the names of a definition, in place of those it had. */
  set(definition: string, group: string, names: Names | undefined): void {
    this.remove(definition);
    const keys = new Set<string>();
    for (const [stock, namesOf] of stocks)
      for (const name of names ? namesOf(names) : []) if (name) keys.add(`${group}/${stock}/${name}`);
    this.#names.set(definition, [...keys]);
    for (const key of keys) {
      const owners = this.#owners.get(key);
      if (owners) owners.add(definition);
      else this.#owners.set(key, new Set([definition]));
    }
  }

  remove(definition: string): void {
    for (const key of this.#names.get(definition) ?? []) {
      const owners = this.#owners.get(key);
      owners?.delete(definition);
      if (owners?.size === 0) this.#owners.delete(key);
    }
    this.#names.delete(definition);
  }

  /** Whether another definition of the group has the name. */
  isTaken(definition: string, group: string, stock: Stock, name: string): boolean {
    const owners = this.#owners.get(`${group}/${stock}/${name}`);
    return owners !== undefined && (owners.size > 1 || !owners.has(definition));
  }
}

const inUse = (name: string) => `${JSON.stringify(name)} is already in use`;

/** Several errors in Go's words. */
const joined = (texts: readonly string[]) => {
  const unique = [...new Set(texts)];
  return unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`;
};

const single: readonly (readonly [keyof Names & ('plural' | 'singular' | 'kind' | 'listKind'), Stock, string])[] = [
  ['plural', 'resource', 'PluralConflict'],
  ['singular', 'resource', 'SingularConflict'],
  ['kind', 'kind', 'KindConflict'],
  ['listKind', 'kind', 'ListKindConflict'],
];

/**
 * Gives a definition the names it asks for as far as no other of its group has them; the others it keeps as they were.
 * Source: apiextensions `controller/status/naming_controller.go`.
 */
export function judgeNames(crd: CustomResourceDefinition, book: NameBook): NamesVerdict {
  const { group, names: asked } = crd.spec;
  const own: Names = crd.status?.acceptedNames ?? {};
  const accepted: Record<string, unknown> = { ...own };
  const isTaken = (stock: Stock, name: string) => book.isTaken(crd.metadata.name ?? '', group, stock, name);
  const conflicts = new Map<string, string>();
  for (const [field, stock, reason] of single) {
    const name = asked[field];
    if (name === undefined || name === '') continue;
    if (name !== own[field] && isTaken(stock, name)) conflicts.set(reason, inUse(name));
    else accepted[field] = name;
  }
  const short = (asked.shortNames ?? []).filter((name) => !own.shortNames?.includes(name) && isTaken('resource', name));
  if (short.length > 0) conflicts.set('ShortNamesConflict', joined(short.map(inUse)));
  else setList(accepted, 'shortNames', asked.shortNames);
  setList(accepted, 'categories', asked.categories);
  return { accepted, condition: verdictOn(conflicts) };
}

/** The last conflict in this order is the one that is told. */
const order = ['PluralConflict', 'SingularConflict', 'ShortNamesConflict', 'KindConflict', 'ListKindConflict'];

function verdictOn(conflicts: ReadonlyMap<string, string>): Condition {
  const reason = order.findLast((name) => conflicts.has(name));
  const type = 'NamesAccepted';
  return reason === undefined
    ? { type, status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
    : { type, status: 'False', reason, message: conflicts.get(reason)! };
}

function setList(names: Record<string, unknown>, field: string, list: readonly string[] | undefined): void {
  if (list?.length) names[field] = list;
  else delete names[field];
}
