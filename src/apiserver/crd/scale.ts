import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { integerOf, isBigInteger } from '../../api/json-number.ts';
import type { CustomResourceSubresourceScale } from '../../api/types/apiextensions-v1.gen.ts';
import type { ScalePaths } from '../../resources/resource.ts';

/** The scale subresource of a custom resource. Source: apiextensions `registry/customresource/{etcd,validator}.go`. */

const maxReplicas = 2 ** 31 - 1;
const maxInt64 = 2n ** 63n - 1n;

/** An integer that Go can hold in 64 bits. */
function int64(value: unknown): bigint | undefined {
  const integer = integerOf(value);
  return integer !== undefined && integer <= maxInt64 && integer >= -maxInt64 - 1n ? integer : undefined;
}

/** ".spec.replicas" as a path; a scale's paths are plain fields. */
const fieldsOf = (path: string): readonly string[] => path.replace(/^\./, '').split('.');

export function scalePathsOf(scale: CustomResourceSubresourceScale): ScalePaths {
  return {
    replicas: fieldsOf(scale.specReplicasPath),
    statusReplicas: fieldsOf(scale.statusReplicasPath),
    selector: scale.labelSelectorPath ? fieldsOf(scale.labelSelectorPath) : [],
    written: scale.specReplicasPath,
  };
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number' || isBigInteger(value)) return int64(value) === undefined ? 'float64' : 'int64';
  if (value === null) return '<nil>';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'map[string]interface {}' : 'string';
}

const goValue = (value: unknown): string =>
  value === null ? '<nil>' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const wrongType = (path: readonly string[], value: unknown, expected: string) =>
  `.${path.join('.')} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${expected}`;

/** A nested field: undefined where it is missing, and an error text where the way to it is no object. */
function nested(object: unknown, path: readonly string[]): { readonly value?: unknown; readonly error?: string } {
  let value = object;
  for (const [i, name] of path.entries()) {
    if (value === null || value === undefined) return {};
    if (typeof value !== 'object' || Array.isArray(value))
      return { error: wrongType(path.slice(0, i + 1), value, 'map[string]interface{}') };
    value = (value as Record<string, unknown>)[name];
  }
  return { value };
}

function checkCount(object: unknown, written: string, errors: ErrorList): void {
  const path = fieldsOf(written);
  const { value = 0, error } = nested(object, path);
  const at = FieldPath.of(written);
  const count = int64(value);
  if (error !== undefined) errors.invalid(at, 0, error);
  else if (count === undefined) errors.invalid(at, 0, wrongType(path, value, 'int64'));
  else if (count < 0) errors.invalid(at, value, 'should be a non-negative integer');
  else if (count > maxReplicas) errors.invalid(at, value, `should be less than or equal to ${maxReplicas}`);
}

/** Checks the count that is asked for. */
export const checkScaleSpec = (scale: CustomResourceSubresourceScale, object: unknown, errors: ErrorList): void =>
  checkCount(object, scale.specReplicasPath, errors);

/** Checks the count that there is, and the selector. */
export function checkScaleStatus(scale: CustomResourceSubresourceScale, object: unknown, errors: ErrorList): void {
  checkCount(object, scale.statusReplicasPath, errors);
  if (scale.labelSelectorPath === undefined) return;
  const path = fieldsOf(scale.labelSelectorPath);
  const { value, error } = nested(object, path);
  const text =
    error ?? (value === undefined || typeof value === 'string' ? undefined : wrongType(path, value, 'string'));
  if (text !== undefined) errors.invalid(FieldPath.of(scale.labelSelectorPath), '', text);
}
