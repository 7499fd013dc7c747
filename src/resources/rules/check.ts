import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { IntOrString } from '../../api/int-or-string.ts';
import { integerOf } from '../../api/json-number.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  percentErrors,
  portNameErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from '../../api/names.ts';
import { immutableText, negativeText, sameValue } from '../../api/object-meta.ts';

/** The small rules every kind is checked with. They append findings in upstream's words and never throw. */

export { address, addressFamily, bothFamilies, cidr, ordinaryAddress } from './addresses.ts';
export { immutableText as immutable, negativeText as negative };

/** Every complaint a name rule has about a value. */
export function named<T>(errors: ErrorList, path: FieldPath, value: T, rule: (value: T) => string[]): void {
  for (const text of rule(value)) errors.invalid(path, value, text);
}

export const label = (errors: ErrorList, path: FieldPath, value: string): void =>
  named(errors, path, value, dns1123LabelErrors);

export const subdomain = (errors: ErrorList, path: FieldPath, value: string): void =>
  named(errors, path, value, dns1123SubdomainErrors);

export const qualifiedName = (errors: ErrorList, path: FieldPath, value: string): void =>
  named(errors, path, value, qualifiedNameErrors);

/** A field that must hold a text: `Required value` for none. Returns whether there is one. */
export function present(errors: ErrorList, path: FieldPath, value: string | undefined, detail = ''): value is string {
  if (value) return true;
  errors.required(path, detail);
  return false;
}

const pathCharacters = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** A name in a domain's name space: "acme.io/foo". */
export function domainPrefixedPath(errors: ErrorList, path: FieldPath, value: string): void {
  const slash = value.indexOf('/');
  if (value === '') errors.required(path);
  else if (slash < 1 || slash === value.length - 1) {
    errors.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")');
  } else {
    for (const text of dns1123SubdomainErrors(value.slice(0, slash))) errors.invalid(path, value, text);
    if (!pathCharacters.test(value.slice(slash + 1))) {
      const pattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
      errors.invalid(path, value, `Invalid path (regex used for validation is '${pattern}')`);
    }
  }
}

/** A reference by name: required, then checked as a subdomain. */
export function reference(errors: ErrorList, path: FieldPath, name: string | undefined): void {
  if (present(errors, path, name)) subdomain(errors, path, name);
}

export function nonNegative(errors: ErrorList, path: FieldPath, value: number | undefined): void {
  // A 64-bit integer may be beyond what numbers compare.
  const exact = integerOf(value);
  if (exact !== undefined && exact < 0n) errors.invalid(path, value, negativeText);
}

/** One of a set of values; nothing is `Required value`. */
export function oneOf(
  errors: ErrorList,
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
  order: 'sorted' | 'given' = 'sorted',
): void {
  if (!value) errors.required(path);
  else if (!supported.includes(value)) errors.notSupported(path, value, supported, order);
}

/** As oneOf, for a field that may be left away. */
export function optionalOneOf(
  errors: ErrorList,
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
  order: 'sorted' | 'given' = 'sorted',
): void {
  if (value !== undefined && !supported.includes(value)) errors.notSupported(path, value, supported, order);
}

/** Each value once; `keyOf` says what makes two the same, `shown` what the refusal prints. One pass, however long. */
export function distinct<T>(
  errors: ErrorList,
  list: readonly T[] | undefined,
  keyOf: (item: T) => unknown,
  pathOf: (index: number) => FieldPath,
  shown: (item: T) => unknown = keyOf,
): void {
  const seen = new Set<unknown>();
  for (const [i, item] of (list ?? []).entries()) {
    const key = keyOf(item);
    if (seen.has(key)) errors.duplicate(pathOf(i), shown(item));
    seen.add(key);
  }
}

/** As distinct, for plain values. */
export function distinctValues(errors: ErrorList, path: FieldPath, list: readonly unknown[] | undefined): void {
  distinct(
    errors,
    list,
    (value) => value,
    (i) => path.index(i),
  );
}

export const protocols = ['SCTP', 'TCP', 'UDP'] as const;

export function port(errors: ErrorList, path: FieldPath, value: number): void {
  for (const text of portNumberErrors(value)) errors.invalid(path, value, text);
}

/** A port by number or by the name of a container's port. */
export function portOrName(errors: ErrorList, path: FieldPath, value: IntOrString): void {
  if (typeof value === 'number') port(errors, path, value);
  else named(errors, path, value, portNameErrors);
}

/** A count or a percentage, not negative. */
export function countOrPercent(errors: ErrorList, path: FieldPath, value: IntOrString | undefined): void {
  if (typeof value === 'number') nonNegative(errors, path, value);
  else if (value !== undefined) named(errors, path, value, percentErrors);
}

export function atMostAll(errors: ErrorList, path: FieldPath, value: IntOrString | undefined): void {
  if (typeof value === 'string' && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100) {
    errors.invalid(path, value, 'must not be greater than 100%');
  }
}

/** The number in a count or percentage, 0 for anything else. */
export function countOf(value: IntOrString | undefined): number {
  if (typeof value === 'number') return value;
  return value !== undefined && /^[0-9]+%$/.test(value) ? Number.parseInt(value, 10) : 0;
}

/** A field that may not change. */
export function unchanged(errors: ErrorList, path: FieldPath, value: unknown, old: unknown): void {
  if (!sameValue(value, old)) errors.invalid(path, value, immutableText);
}

/** What changed, one line per leaf: the explanation that upstream appends to "may not change" errors. */
export function difference(old: unknown, value: unknown, path = ''): string[] {
  if (sameValue(old, value)) return [];
  const both = typeof old === 'object' && typeof value === 'object' && old !== null && value !== null;
  if (!both || Array.isArray(old) !== Array.isArray(value)) {
    return [`- ${path}: ${JSON.stringify(old ?? null)}`, `+ ${path}: ${JSON.stringify(value ?? null)}`];
  }
  const [x, y] = [old as Record<string, unknown>, value as Record<string, unknown>];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].flatMap((key) =>
    difference(x[key], y[key], Array.isArray(old) ? `${path}[${key}]` : path ? `${path}.${key}` : key),
  );
}
