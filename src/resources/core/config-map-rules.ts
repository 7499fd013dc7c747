import { type ErrorList, FieldPath, wholeObject } from '../../api/field-errors.ts';
import { configMapKeyErrors } from '../../api/names.ts';
import type { ConfigMap } from '../../api/types/core-v1.gen.ts';
import { named } from '../rules/check.ts';
import { decodedLength } from './secret-rules.ts';

const maxBytes = 1024 * 1024;
const data = FieldPath.of('data');
const binaryData = FieldPath.of('binaryData');

/** Keys, no key in both maps, and the size of all. Source: ValidateConfigMap. */
export function validateConfigMap(object: ConfigMap, errors: ErrorList): void {
  let bytes = 0;
  for (const key in object.data) {
    named(errors, data.key(key), key, configMapKeyErrors);
    if (object.binaryData && key in object.binaryData) {
      errors.invalid(data.key(key), key, 'duplicate of key present in binaryData');
    }
    bytes += Buffer.byteLength(object.data[key] ?? '');
  }
  const binary = (object.binaryData ?? {}) as Readonly<Record<string, string>>;
  for (const key in binary) {
    named(errors, binaryData.key(key), key, configMapKeyErrors);
    bytes += decodedLength(binary[key]!);
  }
  if (bytes > maxBytes) errors.tooLong(wholeObject, maxBytes);
}
