import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Job, JobStatus } from '../../api/types/batch-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { keepSpec } from '../rules/status.ts';
import { counts, statusPath } from '../rules/workloads.ts';
import { firstShared, readIndexes } from './indexes.ts';

const isTrue = (status: JobStatus, type: string): boolean =>
  status.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;

const conditionsPath = statusPath.child('conditions');

/** Pairs of conditions that contradict each other. */
const contradictions = [
  ['Complete', 'Failed', 'Failed=true'],
  ['Complete', 'FailureTarget', 'FailureTarget=true'],
  ['SuccessCriteriaMet', 'Failed', 'Failed=true'],
  ['SuccessCriteriaMet', 'FailureTarget', 'FailureTarget=true'],
] as const;

/** A final condition follows its announcement, which lets others react before pods are gone. */
const announcements = [
  ['Failed', 'FailureTarget'],
  ['Complete', 'SuccessCriteriaMet'],
] as const;

function conditions(errors: ErrorList, status: JobStatus): void {
  for (const [one, other, shown] of contradictions) {
    if (isTrue(status, one) && isTrue(status, other)) {
      errors.invalidTogether(conditionsPath, `cannot set ${one}=True and ${shown} conditions`);
    }
  }
  for (const [final, first] of announcements) {
    if (isTrue(status, final) && !isTrue(status, first)) {
      const text = `cannot set ${final}=True condition without the ${first}=true condition`;
      errors.invalidTogether(conditionsPath, text);
    }
  }
}

function times(errors: ErrorList, status: JobStatus): void {
  const at = statusPath.child('completionTime');
  const complete = isTrue(status, 'Complete');
  const { startTime, completionTime } = status;
  if (completionTime && !complete) {
    errors.invalid(at, completionTime, 'cannot set completionTime when there is no Complete=True condition');
  }
  if (!completionTime && complete) errors.required(at, 'completionTime is required for Complete jobs');
  if (startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime)) {
    errors.invalid(at, completionTime, 'completionTime cannot be set before startTime');
  }
}

/** Which indexes are done, as texts that are checked when they change. */
function indexes(errors: ErrorList, { spec }: Job, status: JobStatus, old: JobStatus): void {
  const { completedIndexes: completed = '', failedIndexes: failed } = status;
  const [newCompleted, newFailed] = [completed !== (old.completedIndexes ?? ''), failed !== old.failedIndexes];
  const [completedPath, failedPath] = [statusPath.child('completedIndexes'), statusPath.child('failedIndexes')];
  const read = (text: string) => readIndexes(text, spec?.completions ?? 0);
  if (newCompleted && spec?.completions !== undefined) {
    const { error } = read(completed);
    if (error) errors.invalid(completedPath, completed, `error parsing completedIndexes: ${error}`);
  }
  if (newFailed && failed !== undefined && spec?.completions !== undefined) {
    const { error } = read(failed);
    if (error) errors.invalid(failedPath, failed, `error parsing failedIndexes: ${error}`);
  }
  if (newCompleted && completed !== '' && spec?.completionMode !== 'Indexed') {
    const text = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.invalid(completedPath, completed, text);
  }
  if (newFailed && failed !== undefined && spec?.backoffLimitPerIndex === undefined) {
    const text = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errors.invalid(failedPath, failed, text);
  }
  if ((!newCompleted && !newFailed) || failed === undefined || spec?.completions === undefined) return;
  const shared = firstShared(read(completed).intervals, read(failed).intervals);
  if (shared === undefined) return;
  errors.invalid(failedPath, failed, `failedIndexes and completedIndexes overlap at index: ${shared}`);
}

function finished(errors: ErrorList, { spec }: Job, status: JobStatus): void {
  if (!isTrue(status, 'Complete') && !isTrue(status, 'Failed')) return;
  const { active = 0, terminating = 0, uncountedTerminatedPods: uncounted } = status;
  if (active > 0) errors.invalid(statusPath.child('active'), active, 'active>0 is invalid for finished job');
  // A suspended job without completions is complete before it starts.
  const needsStart = !(spec?.suspend && spec.completions === 0);
  if (!status.startTime && needsStart) {
    errors.required(statusPath.child('startTime'), 'startTime is required for finished job');
  }
  if ((uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0) > 0) {
    const text = 'uncountedTerminatedPods needs to be empty for finished job';
    errors.invalid(statusPath.child('uncountedTerminatedPods'), uncounted, text);
  }
  if (terminating > 0) {
    errors.invalid(statusPath.child('terminating'), terminating, 'terminating>0 is invalid for finished job');
  }
}

function uids(errors: ErrorList, path: FieldPath, list: readonly string[] | undefined, seen: Set<string>): void {
  for (const [i, uid] of (list ?? []).entries()) {
    if (uid === '') errors.invalid(path.index(i), uid, 'must not be empty');
    else if (seen.has(uid)) errors.duplicate(path.index(i), uid);
    seen.add(uid);
  }
}

function transitions(errors: ErrorList, object: Job, status: JobStatus, old: JobStatus): void {
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (isTrue(old, type) && !isTrue(status, type)) {
      errors.invalidTogether(conditionsPath, `cannot disable the terminal ${type}=True condition`);
    }
  }
  for (const field of ['failed', 'succeeded'] as const) {
    // An indexed job may shrink, together with its parallelism.
    if (field === 'succeeded' && object.spec?.completions === object.spec?.parallelism) continue;
    const value = status[field] ?? 0;
    if (value < (old[field] ?? 0)) {
      errors.invalid(statusPath.child(field), value, `cannot decrease the ${field} counter`);
    }
  }
  if (status.completionTime && old.completionTime && status.completionTime !== old.completionTime) {
    errors.invalid(statusPath.child('completionTime'), status.completionTime, 'completionTime cannot be mutated');
  }
  const resumed = isTrue(old, 'Suspended') && !isTrue(status, 'Suspended');
  if (old.startTime && old.startTime !== status.startTime && !object.spec?.suspend && !resumed) {
    const text = 'field is immutable for unsuspended job once set';
    errors.invalid(statusPath.child('startTime'), status.startTime, text);
  }
  if (isTrue(old, 'SuccessCriteriaMet') && !isTrue(status, 'SuccessCriteriaMet')) {
    errors.invalidTogether(conditionsPath, 'cannot disable the SuccessCriteriaMet=True condition');
  }
  if (object.spec?.successPolicy && isTrue(status, 'Complete') && !isTrue(status, 'SuccessCriteriaMet')) {
    const text = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True';
    errors.invalidTogether(conditionsPath, text);
  }
  if (isTrue(old, 'Complete') && !isTrue(old, 'SuccessCriteriaMet') && isTrue(status, 'SuccessCriteriaMet')) {
    const text = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
    errors.invalidTogether(conditionsPath, text);
  }
}

export const jobStatus: UpdateRules<Job> = {
  prepareUpdate: keepSpec,
  validateUpdate(object, old, errors) {
    const status = object.status ?? {};
    counts(errors, status, ['active', 'succeeded', 'failed', 'ready', 'terminating']);
    const path = statusPath.child('uncountedTerminatedPods');
    const seen = new Set<string>();
    uids(errors, path.child('succeeded'), status.uncountedTerminatedPods?.succeeded, seen);
    uids(errors, path.child('failed'), status.uncountedTerminatedPods?.failed, seen);
    conditions(errors, status);
    times(errors, status);
    finished(errors, object, status);
    indexes(errors, object, status, old.status ?? {});
    if ((status.ready ?? 0) > (status.active ?? 0)) {
      errors.invalid(statusPath.child('ready'), status.ready, 'cannot set more ready pods than active');
    }
    transitions(errors, object, status, old.status ?? {});
  },
};
