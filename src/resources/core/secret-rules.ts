import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { configMapKeyErrors } from '../../api/names.ts';
import { entryOf, type Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Secret } from '../../api/types/core-v1.gen.ts';
import { keyPairComplaint } from '../../pki/key-pair.ts';
import { named, unchanged } from '../rules/check.ts';

/** Rules of Secrets by type. Source: ValidateSecret. */

const data = FieldPath.of('data');
const maxBytes = 1024 * 1024;
const accountName = 'kubernetes.io/service-account.name';

type Data = Readonly<Record<string, string>>;

/** `stringData` is written, never read: it goes into `data`. */
export function secretDefaults(object: Mutable<Secret>): void {
  object.type ||= 'Opaque';
  if (!object.stringData) return;
  const merged = (object.data ??= {}) as Record<string, string>;
  for (const key in object.stringData) merged[key] = Buffer.from(object.stringData[key] ?? '').toString('base64');
  delete object.stringData;
}

/** Bytes behind base64, without decoding. A nil byte slice of Go is null in JSON. */
export function decodedLength(text: string | null): number {
  if (text === null) return 0;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}

/** What Go's decoder says of a text that is not JSON. */
function jsonComplaint(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return undefined;
    if (value === null) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch {
    const trimmed = text.trimStart();
    if (trimmed === '' || /^[{[]/.test(trimmed)) return 'unexpected end of JSON input';
    return `invalid character '${trimmed[0]}' looking for beginning of value`;
  }
}

function json(errors: ErrorList, values: Data, key: string): void {
  const value = values[key];
  if (value === undefined) {
    errors.required(data.key(key));
    return;
  }
  const complaint = jsonComplaint(Buffer.from(value, 'base64').toString());
  if (complaint) errors.invalid(data.key(key), '<secret contents redacted>', complaint);
}

const typeRules: Readonly<Record<string, (errors: ErrorList, values: Data, object: Secret) => void>> = {
  'kubernetes.io/service-account-token': (errors, _values, object) => {
    if (object.metadata.annotations?.[accountName]) return;
    errors.required(FieldPath.of('metadata', 'annotations').key(accountName));
  },
  'kubernetes.io/dockercfg': (errors, values) => json(errors, values, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (errors, values) => json(errors, values, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': (errors, values) => {
    if (values['username'] !== undefined || values['password'] !== undefined) return;
    errors.required(data.key('username'));
    errors.required(data.key('password'));
  },
  'kubernetes.io/ssh-auth': (errors, values) => {
    if (!values['ssh-privatekey']) errors.required(data.key('ssh-privatekey'));
  },
  'kubernetes.io/tls': (errors, values) => {
    for (const key of ['tls.crt', 'tls.key']) if (values[key] === undefined) errors.required(data.key(key));
  },
};

export function validateSecret(object: Secret, errors: ErrorList): void {
  const values = (object.data ?? {}) as Data;
  let bytes = 0;
  for (const key in values) {
    named(errors, data.key(key), key, configMapKeyErrors);
    bytes += decodedLength(values[key]!);
  }
  if (bytes > maxBytes) errors.tooLong(data, maxBytes);
  entryOf(typeRules, object.type ?? '')?.(errors, values, object);
}

const frozenText = 'field is immutable when `immutable` is set';

/** ConfigMaps and Secrets that were made immutable stay so, with all they hold. */
export function stayImmutable<T extends { readonly immutable?: boolean }>(
  errors: ErrorList,
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): void {
  if (!old.immutable) return;
  if (!object.immutable) errors.forbidden(FieldPath.of('immutable'), frozenText);
  for (const field of fields) {
    if (!sameValue(object[field], old[field])) errors.forbidden(FieldPath.of(field), frozenText);
  }
}

export function validateSecretUpdate(object: Secret, old: Secret, errors: ErrorList): void {
  unchanged(errors, FieldPath.of('type'), object.type, old.type);
  stayImmutable(errors, object, old, ['data']);
}

/** A certificate is of no use without its own key. Source: registry/core/secret, warningsForSecret. */
export function secretWarnings({ type, data: values = {} }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const read = (key: string): string => Buffer.from((values as Data)[key] ?? '', 'base64').toString('latin1');
  const complaint = keyPairComplaint(read('tls.crt'), read('tls.key'));
  return complaint ? [complaint] : [];
}
