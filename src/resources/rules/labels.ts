import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { validateAnnotations, validateLabelSelector, validateLabels } from '../../api/object-meta.ts';
import { type LabelSelectorLike, labelSelectorOf } from '../../api/selector.ts';

/** Labels and selectors, in the parameter order of the other rules. */

export type StringMap = Readonly<Record<string, string>>;

export const labels = (errors: ErrorList, path: FieldPath, map: StringMap | undefined): void =>
  validateLabels(map, path, errors);

export const annotations = (errors: ErrorList, path: FieldPath, map: StringMap | undefined): void =>
  validateAnnotations(map, path, errors);

/** `anyValue`: selectors of old that name values no label can have may stay. */
export const labelSelector = (
  errors: ErrorList,
  path: FieldPath,
  selector: LabelSelectorLike | undefined,
  anyValue = false,
): void => validateLabelSelector(selector, path, errors, { allowInvalidValues: anyValue });

/** Whether a stored selector breaks the rules, so that an update need not mend it. */
export function hasInvalidSelector(...selectors: readonly (LabelSelectorLike | undefined)[]): boolean {
  const errors = new ErrorList();
  for (const selector of selectors) labelSelector(errors, FieldPath.of('selector'), selector);
  return !errors.empty;
}

export const isEmptySelector = (selector: LabelSelectorLike | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions?.length ?? 0) === 0;

/** Whether labels match a selector; undefined when the selector cannot be read. */
export function selects(selector: LabelSelectorLike, map: StringMap | undefined): boolean | undefined {
  try {
    return labelSelectorOf(selector).matches(map ?? {});
  } catch {
    return undefined;
  }
}
