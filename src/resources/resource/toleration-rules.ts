import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { labelValueErrors } from '../../api/names.ts';
import type { DeviceTaint, DeviceToleration } from '../../api/types/resource-v1.gen.ts';
import { named, oneOf, optionalOneOf, qualifiedName } from '../rules/check.ts';
import { upTo } from './names.ts';

/** Taints of devices and what tolerates them. Source: resource/validation. */

const effects = ['NoExecute', 'NoSchedule', 'None'];
const maxTolerations = 16;

function toleration(errors: ErrorList, path: FieldPath, { key, operator, value = '', effect }: DeviceToleration): void {
  if (key) qualifiedName(errors, path.child('key'), key);
  oneOf(errors, path.child('operator'), operator, ['Equal', 'Exists']);
  if (operator === 'Equal') named(errors, path.child('value'), value, labelValueErrors);
  else if (operator === 'Exists' && value) {
    errors.invalid(path.child('value'), value, 'must be empty for operator `Exists`');
  }
  if (effect) optionalOneOf(errors, path.child('effect'), effect, effects);
}

export const tolerations = (
  errors: ErrorList,
  path: FieldPath,
  list: readonly DeviceToleration[] | undefined,
): unknown => upTo(errors, path, list, maxTolerations, toleration);

export function taint(errors: ErrorList, path: FieldPath, { key, value, effect }: DeviceTaint): void {
  qualifiedName(errors, path.child('key'), key);
  if (value) named(errors, path.child('value'), value, labelValueErrors);
  oneOf(errors, path.child('effect'), effect, effects);
}
