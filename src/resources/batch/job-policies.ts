import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../../api/types/batch-v1.gen.ts';
import { nonNegative, qualifiedName } from '../rules/check.ts';
import { countIndexes } from './indexes.ts';

/** When a job's failures count, and when it has succeeded early. */

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const conditionStatuses = ['False', 'True', 'Unknown'];
const maxRules = 20;
const maxExitCodes = 255;
const maxConditions = 20;
const maxIndexesLength = 64 * 1024;

/** A value of a set, where upstream's `Required value` lists the set. */
function chosen(errors: ErrorList, path: FieldPath, value: string | undefined, supported: readonly string[]): void {
  if (!value) errors.required(path, `valid values: [${supported.map((s) => JSON.stringify(s)).join(' ')}]`);
  else if (!supported.includes(value)) errors.notSupported(path, value, supported);
}

function exitCodes(
  errors: ErrorList,
  path: FieldPath,
  rule: PodFailurePolicyOnExitCodesRequirement,
  containers: ReadonlySet<string>,
): void {
  chosen(errors, path.child('operator'), rule.operator, operators);
  if (rule.containerName !== undefined && !containers.has(rule.containerName)) {
    const text = 'must be one of the container or initContainer names in the pod template';
    errors.invalid(path.child('containerName'), rule.containerName, text);
  }
  const at = path.child('values');
  const values = rule.values ?? [];
  if (values.length === 0) errors.invalid(at, values, 'at least one value is required');
  else if (values.length > maxExitCodes) errors.tooMany(at, values.length, maxExitCodes);
  for (const [i, code] of values.entries()) {
    if (rule.operator === 'In' && code === 0) errors.invalid(at.index(i), code, 'must not be 0 for the In operator');
    if (values.indexOf(code) < i) errors.duplicate(at.index(i), code);
  }
  if (values.some((code, i) => i > 0 && values[i - 1]! > code)) errors.invalid(at, values, 'must be ordered');
}

function podConditions(
  errors: ErrorList,
  path: FieldPath,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
): void {
  if (patterns.length > maxConditions) errors.tooMany(path, patterns.length, maxConditions);
  for (const [i, pattern] of patterns.entries()) {
    qualifiedName(errors, path.index(i).child('type'), pattern.type ?? '');
    chosen(errors, path.index(i).child('status'), pattern.status, conditionStatuses);
  }
}

function failureRule(
  errors: ErrorList,
  path: FieldPath,
  rule: PodFailurePolicyRule,
  spec: JobSpec,
  containers: ReadonlySet<string>,
): void {
  const at = path.child('action');
  if (rule.action !== 'FailIndex') chosen(errors, at, rule.action, actions);
  else if (spec.backoffLimitPerIndex === undefined) {
    errors.invalid(at, rule.action, 'requires the backoffLimitPerIndex to be set');
  }
  const conditions = rule.onPodConditions ?? [];
  if (rule.onExitCodes) exitCodes(errors, path.child('onExitCodes'), rule.onExitCodes, containers);
  if (conditions.length > 0) podConditions(errors, path.child('onPodConditions'), conditions);
  if (rule.onExitCodes && conditions.length > 0) {
    errors.invalidTogether(path, 'specifying both OnExitCodes and OnPodConditions is not supported');
  }
  if (!rule.onExitCodes && conditions.length === 0) {
    errors.invalidTogether(path, 'specifying one of OnExitCodes and OnPodConditions is required');
  }
}

export function podFailurePolicy(errors: ErrorList, path: FieldPath, spec: JobSpec): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const at = path.child('rules');
  if (rules.length > maxRules) errors.tooMany(at, rules.length, maxRules);
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = new Set([...containers, ...initContainers].map((container) => container.name));
  for (const [i, rule] of rules.entries()) failureRule(errors, at.index(i), rule, spec, names);
}

function successRule(errors: ErrorList, path: FieldPath, rule: SuccessPolicyRule, completions: number): void {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined) {
    errors.required(path, 'at least one of succeededCount or succeededIndexes must be specified');
  }
  const named = countIndexes(indexes ?? '', completions);
  if (indexes !== undefined) {
    const at = path.child('succeededIndexes');
    if (indexes.length > maxIndexesLength) errors.tooLong(at, maxIndexesLength);
    if (named.error) errors.invalid(at, indexes, `error parsing succeededIndexes: ${named.error}`);
  }
  if (count === undefined) return;
  const at = path.child('succeededCount');
  nonNegative(errors, at, count);
  const most = (limit: number, what: string) =>
    errors.invalid(at, count, `must be less than or equal to ${limit} (the number of ${what})`);
  if (count > completions) most(completions, 'specified completions');
  if (indexes !== undefined && count > named.total) {
    most(named.total, 'indexes in the specified succeededIndexes field');
  }
}

export function successPolicy(errors: ErrorList, path: FieldPath, spec: JobSpec): void {
  const rules = spec.successPolicy?.rules ?? [];
  const at = path.child('rules');
  if (rules.length === 0)
    errors.required(at, 'at least one rules must be specified when the successPolicy is specified');
  if (rules.length > maxRules) errors.tooMany(at, rules.length, maxRules);
  for (const [i, rule] of rules.entries()) successRule(errors, at.index(i), rule, spec.completions ?? 0);
}
