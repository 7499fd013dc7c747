import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import { regexError } from '../../api/names.ts';
import { qualifiedName } from './check.ts';

/** Conditions of a status, `metav1.Condition`. Source: apimachinery `meta/v1/validation` ValidateConditions. */

const statuses = ['False', 'True', 'Unknown'];
const maxReason = 1024;
const maxMessage = 32 * 1024;
const reasonFormat = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonPattern = new RegExp(`^${reasonFormat}$`);
const reasonText = regexError(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  reasonFormat,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

function condition(errors: ErrorList, path: FieldPath, value: Condition): void {
  const { type = '', status = '', observedGeneration = 0, reason, message = '' } = value;
  qualifiedName(errors, path.child('type'), type);
  if (!statuses.includes(status)) errors.notSupported(path.child('status'), status, statuses);
  if (comparable(observedGeneration) < 0) {
    errors.invalid(path.child('observedGeneration'), observedGeneration, 'must be greater than or equal to zero');
  }
  if (!value.lastTransitionTime) errors.required(path.child('lastTransitionTime'));
  const at = path.child('reason');
  if (!reason) errors.required(at);
  else {
    if (!reasonPattern.test(reason)) errors.invalid(at, reason, reasonText);
    if (reason.length > maxReason) errors.tooLong(at, maxReason);
  }
  if (Buffer.byteLength(message) > maxMessage) errors.tooLong(path.child('message'), maxMessage);
}

export function conditions(errors: ErrorList, path: FieldPath, list: readonly Condition[] | undefined): void {
  const types = new Set<string | undefined>();
  for (const [i, value] of (list ?? []).entries()) {
    const at = path.index(i);
    if (types.has(value.type)) errors.duplicate(at.child('type'), value.type);
    types.add(value.type);
    condition(errors, at, value);
  }
}
