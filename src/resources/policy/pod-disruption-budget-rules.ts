import type { ErrorList } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { PodDisruptionBudget } from '../../api/types/policy-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { atMostAll, countOrPercent, optionalOneOf } from '../rules/check.ts';
import { conditions } from '../rules/conditions.ts';
import { hasInvalidSelector, labelSelector } from '../rules/labels.ts';
import { keepSpec } from '../rules/status.ts';
import { counts, specPath, statusPath } from '../rules/workloads.ts';

/** Rules of PodDisruptionBudgets. Source: policy/validation. */

const noDisruptions = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

export function disruptionBudgetDefaults(object: Mutable<PodDisruptionBudget>): void {
  object.spec ??= {};
  object.status = { ...noDisruptions, ...object.status };
}

export function prepareDisruptionBudget(object: Mutable<PodDisruptionBudget>): void {
  object.status = { ...noDisruptions };
}

export function validateDisruptionBudget(
  { spec = {} }: PodDisruptionBudget,
  errors: ErrorList,
  old?: PodDisruptionBudget,
): void {
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.invalid(specPath, spec, 'minAvailable and maxUnavailable cannot be both set');
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    countOrPercent(errors, specPath.child(field), spec[field]);
    atMostAll(errors, specPath.child(field), spec[field]);
  }
  labelSelector(errors, specPath.child('selector'), spec.selector, hasInvalidSelector(old?.spec?.selector));
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  optionalOneOf(errors, specPath.child('unhealthyPodEvictionPolicy'), spec.unhealthyPodEvictionPolicy, policies);
}

export const disruptionBudgetStatus: UpdateRules<PodDisruptionBudget> = {
  prepareUpdate: keepSpec,
  validateUpdate({ status }, _old, errors) {
    conditions(errors, statusPath.child('conditions'), status?.conditions);
    counts(errors, status, ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']);
  },
};
