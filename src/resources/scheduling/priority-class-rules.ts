import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { PriorityClass } from '../../api/types/scheduling-v1.gen.ts';
import { optionalOneOf, unchanged } from '../rules/check.ts';

const highestOfUsers = 1_000_000_000;

/** The two classes every cluster has. */
export const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export function priorityClassDefaults(object: Mutable<PriorityClass>): void {
  object.value ??= 0;
  object.preemptionPolicy ??= 'PreemptLowerPriority';
}

function systemError({ metadata, value, globalDefault }: PriorityClass): string | undefined {
  const { name = '' } = metadata;
  const known = systemClasses[name];
  if (known === undefined) return `${name} is not a known system priority class`;
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClass(object: PriorityClass, errors: ErrorList): void {
  if (object.metadata.name?.startsWith('system-')) {
    const error = systemError(object);
    const text = `priority class names with 'system-' prefix are reserved for system use only. error: ${error}`;
    if (error) errors.forbidden(FieldPath.of('metadata', 'name'), text);
  } else if ((object.value ?? 0) > highestOfUsers) {
    const text = `maximum allowed value of a user defined priority is ${highestOfUsers}`;
    errors.forbidden(FieldPath.of('value'), text);
  }
  const policies = ['PreemptLowerPriority', 'Never'];
  optionalOneOf(errors, FieldPath.of('preemptionPolicy'), object.preemptionPolicy, policies, 'given');
}

export function validatePriorityClassUpdate(object: PriorityClass, old: PriorityClass, errors: ErrorList): void {
  if ((object.value ?? 0) !== (old.value ?? 0)) {
    errors.forbidden(FieldPath.of('value'), 'may not be changed in an update.');
  }
  unchanged(errors, FieldPath.of('preemptionPolicy'), object.preemptionPolicy, old.preemptionPolicy);
}
