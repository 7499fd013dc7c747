import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { CronJob, CronJobSpec, JobSpec } from '../../api/types/batch-v1.gen.ts';
import { timeZone } from '../../base/time-zone.ts';
import { nonNegative, oneOf } from '../rules/check.ts';
import { isNews, nameWarnings } from '../rules/pod-warnings.ts';
import { specPath } from '../rules/workloads.ts';
import { jobTemplateDefaults } from './job-rules.ts';
import { jobSpec, jobSpecWarnings } from './job-spec.ts';
import { scheduleError } from './schedule.ts';

export function cronJobDefaults(object: Mutable<CronJob>): void {
  object.status ??= {};
  const spec = (object.spec ??= {} as Mutable<CronJobSpec>);
  const template = (spec.jobTemplate ??= {});
  jobTemplateDefaults((template.spec ??= {} as Mutable<JobSpec>));
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
}

function schedule(errors: ErrorList, path: FieldPath, spec: CronJobSpec, before: string | undefined): void {
  const value = spec.schedule;
  if (!value) {
    errors.required(path);
    return;
  }
  const wrong = scheduleError(value);
  if (wrong) errors.invalid(path, value, wrong);
  if (!value.includes('TZ')) return;
  // Schedules that had a zone before the field existed keep it.
  if (!before?.includes('TZ')) {
    errors.invalid(path, value, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  } else if (spec.timeZone !== undefined) {
    errors.invalid(path, value, 'cannot use both timeZone field and TZ or CRON_TZ in schedule');
  }
}

const zonePart = /^(?!\.{1,2}$|-)[A-Za-z.\-_0-9+]{1,14}$/;

function checkZone(errors: ErrorList, path: FieldPath, zone: string): void {
  if (zone === '') errors.invalid(path, zone, 'timeZone must be nil or non-empty string');
  else if (zone.split('/').some((part) => !zonePart.test(part))) {
    errors.invalid(path, zone, `unknown time zone ${zone}`);
  } else if (zone.toLowerCase() === 'local') {
    const text = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    errors.invalid(path, zone, text);
  } else if (!timeZone(zone)) errors.invalid(path, zone, `unknown time zone ${zone}`);
}

function check(object: CronJob, old: CronJob | undefined, errors: ErrorList): void {
  const spec = object.spec ?? ({} as CronJobSpec);
  schedule(errors, specPath.child('schedule'), spec, old?.spec?.schedule);
  nonNegative(errors, specPath.child('startingDeadlineSeconds'), spec.startingDeadlineSeconds);
  if (spec.timeZone !== undefined && spec.timeZone !== old?.spec?.timeZone) {
    checkZone(errors, specPath.child('timeZone'), spec.timeZone);
  }
  const policies = ['Allow', 'Forbid', 'Replace'];
  oneOf(errors, specPath.child('concurrencyPolicy'), spec.concurrencyPolicy, policies, 'given');
  const path = specPath.child('jobTemplate', 'spec');
  const template = spec.jobTemplate?.spec ?? ({ template: {} } as JobSpec);
  jobSpec(errors, path, template);
  if (template.selector) errors.invalid(path.child('selector'), template.selector, '`selector` will be auto-generated');
  if (template.manualSelector) errors.notSupported(path.child('manualSelector'), true, ['nil', 'false'], 'given');
  nonNegative(errors, specPath.child('successfulJobsHistoryLimit'), spec.successfulJobsHistoryLimit);
  nonNegative(errors, specPath.child('failedJobsHistoryLimit'), spec.failedJobsHistoryLimit);
}

/** Jobs are named after their cron job and a time, and must fit into a label. */
const maxName = 52;

export function validateNewCronJob(object: CronJob, errors: ErrorList): void {
  check(object, undefined, errors);
  const { name = '' } = object.metadata;
  if (name.length <= maxName) return;
  errors.invalid(FieldPath.of('metadata', 'name'), name, 'must be no more than 52 characters');
}

export const validateCronJobUpdate = (object: CronJob, old: CronJob, errors: ErrorList): void =>
  check(object, old, errors);

const docs = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';

/** Source: cronJobStrategy.WarningsOnCreate and WarningsOnUpdate, with the odd path that they print. */
export function cronJobWarnings(object: CronJob, old: CronJob | undefined): string[] {
  const template = object.spec?.jobTemplate?.spec;
  const found = old ? [] : nameWarnings(object.metadata.name);
  if (template && isNews(object, old)) found.push(...jobSpecWarnings(template, specPath.child('jobTemplate', 'spec')));
  if (object.spec?.schedule?.includes('TZ')) {
    found.push(`CRON_TZ or TZ used in spec.spec.schedule is not officially supported, see ${docs} for more details`);
  }
  return found;
}
