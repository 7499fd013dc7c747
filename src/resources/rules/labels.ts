import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../api/names.ts';
import { named, qualifiedName } from './check.ts';

export type StringMap = Readonly<Record<string, string>>;

/** The parts of metav1.LabelSelector. */
export interface LabelSelectorLike {
  readonly matchLabels?: StringMap;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const maxAnnotationBytes = 256 * 1024;

/** Keys and values of a label map, as labels, node selectors and `matchLabels` are. */
export function labels(errors: ErrorList, path: FieldPath, map: StringMap | undefined): void {
  for (const key in map) {
    qualifiedName(errors, path, key);
    named(errors, path, map[key] ?? '', labelValueErrors);
  }
}

/** Annotation keys in any case, and the size of all together. */
export function annotations(errors: ErrorList, path: FieldPath, map: StringMap | undefined): void {
  let bytes = 0;
  for (const key in map) {
    for (const text of qualifiedNameErrors(key.toLowerCase())) errors.invalid(path, key, text);
    bytes += Buffer.byteLength(key) + Buffer.byteLength(map[key] ?? '');
  }
  if (bytes > maxAnnotationBytes) errors.tooLong(path, maxAnnotationBytes);
}

export function labelSelector(errors: ErrorList, path: FieldPath, selector: LabelSelectorLike | undefined): void {
  if (!selector) return;
  labels(errors, path.child('matchLabels'), selector.matchLabels);
  for (const [i, requirement] of (selector.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(i);
    const values = requirement.values ?? [];
    switch (requirement.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) {
          errors.required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'");
        }
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          errors.forbidden(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        break;
      default:
        errors.invalid(at.child('operator'), requirement.operator, 'not a valid selector operator');
    }
    qualifiedName(errors, at.child('key'), requirement.key);
    for (const [j, value] of values.entries()) named(errors, at.child('values').index(j), value, labelValueErrors);
  }
}

export const isEmptySelector = (selector: LabelSelectorLike | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions?.length ?? 0) === 0;

/** Whether a selector could be read at all: an unknown operator or wrong values make it unusable. */
export function isUsableSelector(selector: LabelSelectorLike | undefined): boolean {
  return (selector?.matchExpressions ?? []).every(({ operator, values = [] }) =>
    operator === 'In' || operator === 'NotIn'
      ? values.length > 0
      : (operator === 'Exists' || operator === 'DoesNotExist') && values.length === 0,
  );
}

/** Whether labels match a selector. */
export function selects(selector: LabelSelectorLike | undefined, map: StringMap | undefined): boolean {
  const has = (key: string) => map !== undefined && Object.hasOwn(map, key);
  for (const key in selector?.matchLabels) if (!has(key) || map?.[key] !== selector.matchLabels[key]) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    if (operator === 'In') return has(key) && values.includes(map?.[key] ?? '');
    if (operator === 'NotIn') return !has(key) || !values.includes(map?.[key] ?? '');
    return operator === 'Exists' ? has(key) : !has(key);
  });
}
