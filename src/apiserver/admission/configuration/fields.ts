/** Fields of a plugin's configuration, read strictly: what is not known is refused, as upstream's decoders do. */

/** A configuration that will not do; its message says where. */
export class ConfigurationError extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object with no other fields than these. */
export function objectOf(value: unknown, where: string, fields: readonly string[]): Fields {
  if (!isObject(value)) throw new ConfigurationError(`${where || 'the configuration'} must be an object`);
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown === undefined) return value;
  throw new ConfigurationError(`unknown field "${where ? `${where}.` : ''}${unknown}"`);
}

/** An object of one of these versions and kinds, with no other fields than these. */
export function typedObjectOf(
  value: unknown,
  kinds: readonly (readonly [apiVersion: string, kind: string])[],
  fields: readonly string[],
): Fields {
  const object = objectOf(value, '', ['apiVersion', 'kind', ...fields]);
  const { apiVersion, kind } = object;
  if (kinds.some(([version, name]) => version === apiVersion && name === kind)) return object;
  const known = kinds.map(([version, name]) => `kind ${name} of ${version}`).join(', or ');
  throw new ConfigurationError(
    `no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}: it must be ${known}`,
  );
}

/** A list; empty where there is none. */
export function listOf(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new ConfigurationError(`${where} must be a list`);
}

/** Texts by name; none where there is nothing. */
export function stringsOf(value: unknown, where: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new ConfigurationError(`${where} must be an object`);
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string') throw new ConfigurationError(`${where}[${key}] must be a string`);
  return value as Readonly<Record<string, string>>;
}
