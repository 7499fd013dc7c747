import { comparable } from './json-number.ts';

/**
 * What names, keys and values may look like. Each check returns what is wrong, nothing when all is well.
 * Source of rules and texts: apimachinery `util/validation` and `api/validate/content`.
 */

export const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
export const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`;
export const dns1035LabelFormat = '[a-z]([-a-z0-9]*[a-z0-9])?';
const keyFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const valueFormat = `(${keyFormat})?`;
const configKeyFormat = '[-._a-zA-Z0-9]+';
const envNameFormat = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const percentFormat = '[0-9]+%';
const headerFormat = '[-A-Za-z0-9]+';

const whole = (format: string) => new RegExp(`^${format}$`);
const labelPattern = whole(labelFormat);
const subdomainPattern = whole(subdomainFormat);
const dns1035Pattern = whole(dns1035LabelFormat);
const wildcardPattern = whole(`\\*\\.${subdomainFormat}`);
const keyPattern = whole(keyFormat);
const valuePattern = whole(valueFormat);
const configKeyPattern = whole(configKeyFormat);
const envNamePattern = whole(envNameFormat);
const percentPattern = whole(percentFormat);
const headerPattern = whole(headerFormat);

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const keyText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** "TEXT (e.g. 'a',  or 'b', regex used for validation is 'FORMAT')", commas as upstream writes them. */
export function regexError(text: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${text} (regex used for validation is '${format}')`;
  return `${text} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${format}')`;
}

export const maxLengthError = (length: number) => `must be no more than ${length} characters`;
const maxBytesError = (length: number) => `must be no more than ${length} bytes`;
export const rangeError = (low: number, high: number) => `must be between ${low} and ${high}, inclusive`;

/** Go counts bytes. ASCII texts, which are nearly all, are as long as they look. */
const byteLength = (text: string) => Buffer.byteLength(text);

const none: string[] = [];

export function dns1123LabelErrors(value: string): string[] {
  const long = byteLength(value) > 63;
  if (labelPattern.test(value)) return long ? [maxLengthError(63)] : none;
  const shape = subdomainPattern.test(value)
    ? 'must not contain dots'
    : regexError(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
        labelFormat,
        'my-name',
        '123-abc',
      );
  return long ? [maxLengthError(63), shape] : [shape];
}

function subdomainErrors(value: string, tooLong: (max: number) => string): string[] {
  const long = byteLength(value) > 253;
  if (subdomainPattern.test(value)) return long ? [tooLong(253)] : none;
  const shape = regexError(subdomainText, subdomainFormat, 'example.com');
  return long ? [tooLong(253), shape] : [shape];
}

export const dns1123SubdomainErrors = (value: string) => subdomainErrors(value, maxLengthError);

export function dns1035LabelErrors(value: string): string[] {
  const errors = byteLength(value) > 63 ? [maxLengthError(63)] : [];
  if (!dns1035Pattern.test(value))
    errors.push(
      regexError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        dns1035LabelFormat,
        'my-name',
        'abc-123',
      ),
    );
  return errors;
}

export function wildcardSubdomainErrors(value: string): string[] {
  const errors = byteLength(value) > 253 ? [maxLengthError(253)] : [];
  if (!wildcardPattern.test(value))
    errors.push(
      regexError(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        `\\*\\.${subdomainFormat}`,
        '*.example.com',
      ),
    );
  return errors;
}

/** A qualified name: `[prefix/]name`, as label keys, finalizers and condition types are. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2)
    return [
      `a valid label key ${regexError(keyText, keyFormat, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const name = parts.at(-1)!;
  const errors: string[] = [];
  if (parts.length === 2) {
    if (parts[0] === '') errors.push('prefix part must be non-empty');
    else for (const text of subdomainErrors(parts[0]!, maxBytesError)) errors.push(`prefix part ${text}`);
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (byteLength(name) > 63) errors.push(`name part ${maxBytesError(63)}`);
  if (!keyPattern.test(name))
    errors.push(`name part ${regexError(keyText, keyFormat, 'MyName', 'my.name', '123-abc')}`);
  return errors;
}

export function labelValueErrors(value: string): string[] {
  const errors = byteLength(value) > 63 ? [maxBytesError(63)] : [];
  if (!valuePattern.test(value))
    errors.push(
      regexError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        valueFormat,
        'MyValue',
        'my_value',
        '12345',
      ),
    );
  return errors;
}

function dotErrors(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

export function configMapKeyErrors(value: string): string[] {
  const errors = byteLength(value) > 253 ? [maxLengthError(253)] : [];
  if (!configKeyPattern.test(value))
    errors.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        configKeyFormat,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  return [...errors, ...dotErrors(value)];
}

/** The strict rule of old; pods use the relaxed one. */
export function envNameErrors(value: string): string[] {
  const errors = envNamePattern.test(value)
    ? []
    : [
        regexError(
          "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
          envNameFormat,
          'my.env-name',
          'MY_ENV.NAME',
          'MyEnvName1',
        ),
      ];
  return [...errors, ...dotErrors(value)];
}

export function relaxedEnvNameErrors(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(value)
    ? none
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export function portNameErrors(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push(maxLengthError(15));
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export const portNumberErrors = (value: number) => rangeErrors(value, 1, 65535);
/** User and group ids. */
export const idErrors = (value: number) => rangeErrors(value, 0, 2147483647);
export const rangeErrors = (value: number, low: number, high: number): string[] =>
  comparable(value) >= low && comparable(value) <= high ? none : [rangeError(low, high)];

export const percentErrors = (value: string): string[] =>
  percentPattern.test(value)
    ? none
    : [
        regexError(
          "a valid percent string must be a numeric string followed by an ending '%'",
          percentFormat,
          '1%',
          '93%',
        ),
      ];

export const headerNameErrors = (value: string): string[] =>
  headerPattern.test(value)
    ? none
    : [regexError("a valid HTTP header must consist of alphanumeric characters or '-'", headerFormat, 'X-Header-Name')];

/** How objects of a kind may be named. `prefix` says that characters will follow, so a trailing dash is fine. */
export type NameRule = (name: string, prefix: boolean) => string[];

/** Stands in for what will follow, exactly as upstream does it: the dash and the character before it become "a". */
const masked = (name: string, prefix: boolean) =>
  prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

export const nameIsSubdomain: NameRule = (name, prefix) => dns1123SubdomainErrors(masked(name, prefix));
export const nameIsLabel: NameRule = (name, prefix) => dns1123LabelErrors(masked(name, prefix));
export const nameIsDns1035Label: NameRule = (name, prefix) => dns1035LabelErrors(masked(name, prefix));

/** Names that only must fit into a URL path: RBAC roles and bindings, and whatever else has no rule. */
export const nameIsPathSegment: NameRule = (name, prefix) => {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`);
};
