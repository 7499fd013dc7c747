import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123SubdomainErrors, regexError } from '../../api/names.ts';
import { distinct, named } from '../rules/check.ts';
import { csiDriverName } from '../rules/volumes.ts';

/** Names and lists as all kinds of this group have them. Source: resource/validation. */

const maxPoolName = 253;
const maxIdentifier = 32;
const identifierFormat = '[A-Za-z_][A-Za-z0-9_]*';
const identifierPattern = new RegExp(`^${identifierFormat}$`);
const identifierText = regexError(
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  identifierFormat,
  'my_name',
  'MY_NAME',
  'MyName',
);

/** Drivers of devices are named as those of volumes. */
export const driverName = (errors: ErrorList, path: FieldPath, name: string | undefined): void =>
  csiDriverName(errors, path, name ?? '');

/** Subdomains, parted by slashes. */
export function poolName(errors: ErrorList, path: FieldPath, name: string | undefined): void {
  if (!name) {
    errors.required(path);
    return;
  }
  if (Buffer.byteLength(name) > maxPoolName) errors.tooLong(path, maxPoolName);
  for (const part of name.split('/')) named(errors, path, part, dns1123SubdomainErrors);
}

function identifier(errors: ErrorList, path: FieldPath, id: string): void {
  if (Buffer.byteLength(id) > maxIdentifier) errors.tooLong(path, maxIdentifier);
  if (!identifierPattern.test(id)) errors.invalid(path, id, identifierText);
}

/** An attribute or a capacity: "model", or "dra.example.com/model". */
export function attributeName(errors: ErrorList, path: FieldPath, name: string): void {
  const [domain = '', id, ...more] = name.split('/');
  if (more.length > 0) errors.invalid(path, name, 'must not contain more than one slash');
  else if (id === undefined) identifier(errors, path, name);
  else {
    if (domain) driverName(errors, path, domain);
    else errors.invalid(path, '', 'the domain must not be empty');
    if (id) identifier(errors, path, id);
    else errors.invalid(path, '', 'the name must not be empty');
  }
}

/** As attributeName, with the domain. */
export function fullAttributeName(errors: ErrorList, path: FieldPath, name: string): void {
  attributeName(errors, path, name);
  if (name.includes('/')) return;
  errors.invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash');
}

type Item<T> = (errors: ErrorList, path: FieldPath, item: T) => void;

/** Looks at every item of a list that is not too long; of one that is, at none. Says which it was. */
export function upTo<T>(
  errors: ErrorList,
  path: FieldPath,
  list: readonly T[] | undefined,
  max: number,
  item: Item<T>,
): boolean {
  const items = list ?? [];
  if (items.length > max) {
    errors.tooMany(path, items.length, max);
    return false;
  }
  for (const [i, value] of items.entries()) item(errors, path.index(i), value);
  return true;
}

/** As upTo, for items that differ in their keys. */
export function distinctUpTo<T>(
  errors: ErrorList,
  path: FieldPath,
  list: readonly T[] | undefined,
  max: number,
  item: Item<T>,
  keyOf: (item: T) => unknown,
): void {
  if (upTo(errors, path, list, max, item)) distinct(errors, list, keyOf, (i) => path.index(i));
}
