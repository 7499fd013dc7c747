import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { distinctValues, qualifiedName } from '../rules/check.ts';
import { upTo } from './names.ts';

const maxConditions = 4;

interface Bound {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

/** What must come true before a pod is bound to a device, and what must not. Source: validateDeviceBindingParameters. */
export function bindingConditions(errors: ErrorList, path: FieldPath, value: Bound): void {
  const { bindingConditions: good = [], bindingFailureConditions: bad = [] } = value;
  const [goodAt, badAt] = [path.child('bindingConditions'), path.child('bindingFailureConditions')];
  upTo(errors, goodAt, good, maxConditions, qualifiedName);
  upTo(errors, badAt, bad, maxConditions, qualifiedName);
  distinctValues(errors, goodAt, good);
  distinctValues(errors, badAt, bad);
  const known = new Set(good);
  for (const [i, condition] of bad.entries()) {
    if (!known.has(condition)) continue;
    errors.invalid(badAt.index(i), condition, 'bindingFailureConditions must not overlap with bindingConditions');
  }
  if (good.length === 0 && bad.length > 0) {
    errors.invalid(goodAt, value.bindingConditions, 'bindingConditions are required to use bindingFailureConditions');
  }
  if (bad.length === 0 && good.length > 0) {
    const text = 'bindingFailureConditions are required to use bindingConditions';
    errors.invalid(badAt, value.bindingFailureConditions, text);
  }
}
