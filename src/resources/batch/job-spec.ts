import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { JobSpec } from '../../api/types/batch-v1.gen.ts';
import { domainPrefixedPath, nonNegative } from '../rules/check.ts';
import { podTemplate } from '../rules/pod-spec.ts';
import { templateWarnings } from '../rules/pod-warnings.ts';
import { podFailurePolicy, successPolicy } from './job-policies.ts';

/** What jobs and the templates of cron jobs are checked for. Source: batch validation, validateJobSpec. */

const limits = {
  parallelism: 100_000,
  maxFailedIndexes: 100_000,
  /** Above this many completions, parallelism and failed indexes are held shorter. */
  manyCompletions: 100_000,
  parallelismOfMany: 10_000,
  maxFailedIndexesOfMany: 10_000,
  managedBy: 63,
};

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

function managedBy(errors: ErrorList, path: FieldPath, value: string): void {
  domainPrefixedPath(errors, path, value);
  if (value.length > limits.managedBy) errors.tooLong(path, limits.managedBy);
}

function indexed(errors: ErrorList, path: FieldPath, spec: JobSpec): void {
  const { completions, parallelism = 0, maxFailedIndexes: failed } = spec;
  const atMost = (field: string, value: number, limit: number | string, when = '') =>
    errors.invalid(path.child(field), value, `must be less than or equal to ${limit}${when}`);
  if (completions === undefined) errors.required(path.child('completions'), 'when completion mode is Indexed');
  if (parallelism > limits.parallelism) {
    atMost('parallelism', parallelism, limits.parallelism, ' when completion mode is Indexed');
  }
  if (failed !== undefined) {
    if (completions !== undefined && failed > completions) atMost('maxFailedIndexes', failed, 'completions');
    if (failed > limits.maxFailedIndexes) atMost('maxFailedIndexes', failed, limits.maxFailedIndexes);
  }
  if ((completions ?? 0) <= limits.manyCompletions || spec.backoffLimitPerIndex === undefined) return;
  const when = ` when completions are above ${limits.manyCompletions} and used with backoff limit per index`;
  if (failed === undefined) {
    const text = `must be specified when completions is above ${limits.manyCompletions}`;
    errors.required(path.child('maxFailedIndexes'), text);
  }
  if (parallelism > limits.parallelismOfMany) atMost('parallelism', parallelism, limits.parallelismOfMany, when);
  if (failed !== undefined && failed > limits.maxFailedIndexesOfMany) {
    atMost('maxFailedIndexes', failed, limits.maxFailedIndexesOfMany, when);
  }
}

function completionMode(errors: ErrorList, path: FieldPath, spec: JobSpec): void {
  const mode = spec.completionMode;
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') {
    errors.notSupported(path.child('completionMode'), mode, ['NonIndexed', 'Indexed'], 'given');
  }
  if (mode === 'Indexed') indexed(errors, path, spec);
  if (mode !== undefined && mode !== 'NonIndexed') return;
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    if (spec[field] !== undefined) errors.invalid(path.child(field), spec[field], 'requires indexed completion mode');
  }
}

function replacement(errors: ErrorList, path: FieldPath, spec: JobSpec): void {
  const policy = spec.podReplacementPolicy;
  const supported = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (policy !== undefined && !supported.includes(policy)) errors.notSupported(path, policy, supported);
}

function restartPolicy(errors: ErrorList, path: FieldPath, spec: JobSpec): void {
  const policy = spec.template?.spec?.restartPolicy;
  if (!policy || policy === 'Always') errors.required(path, 'valid values: "OnFailure", "Never"');
  else if (policy !== 'OnFailure' && policy !== 'Never') {
    errors.notSupported(path, policy, ['OnFailure', 'Never'], 'given');
  } else if (spec.podFailurePolicy && policy !== 'Never') {
    errors.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified');
  }
}

export function jobSpec(errors: ErrorList, path: FieldPath, spec: JobSpec): void {
  for (const field of counts) nonNegative(errors, path.child(field), spec[field]);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified');
  }
  if (spec.managedBy !== undefined) managedBy(errors, path.child('managedBy'), spec.managedBy);
  completionMode(errors, path, spec);
  if (spec.podFailurePolicy) podFailurePolicy(errors, path.child('podFailurePolicy'), spec);
  if (spec.successPolicy) {
    const at = path.child('successPolicy');
    if (spec.completionMode === 'Indexed') successPolicy(errors, at, spec);
    else errors.invalid(at, spec.successPolicy, 'requires indexed completion mode');
  }
  replacement(errors, path.child('podReplacementPolicy'), spec);
  podTemplate(errors, path.child('template'), spec.template);
  restartPolicy(errors, path.child('template', 'spec', 'restartPolicy'), spec);
}

/** Source: pkg/api/job warnings.go. */
export function jobSpecWarnings(spec: JobSpec, path: FieldPath): string[] {
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const many = completions > limits.manyCompletions && parallelism > limits.parallelismOfMany;
  const untracked =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might ' +
    'not be able to track completedIndexes when a big number of indexes fail';
  return [
    ...(completionMode === 'Indexed' && many ? [`${path}: ${untracked}`] : []),
    ...templateWarnings(spec.template, path.child('template')),
  ];
}
