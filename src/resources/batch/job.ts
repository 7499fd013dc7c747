import { humanDuration } from '../../api/human-duration.ts';
import type { Job } from '../../api/types/batch-v1.gen.ts';
import { ageColumn, containerColumns, formatSelector, nameColumn, text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { isNews, nameWarnings } from '../rules/pod-warnings.ts';
import { keepStatus } from '../rules/status.ts';
import { specPath } from '../rules/workloads.ts';
import { jobDefaults, prepareJob, validateJob, validateJobUpdate } from './job-rules.ts';
import { jobSpecWarnings } from './job-spec.ts';
import { jobStatus } from './job-status.ts';

const hasCondition = (job: Job, type: string): boolean =>
  job.status?.conditions?.find((c) => c.type === type)?.status === 'True';

function status(job: Job): string {
  if (hasCondition(job, 'Complete')) return 'Complete';
  if (hasCondition(job, 'Failed')) return 'Failed';
  if (job.metadata?.deletionTimestamp) return 'Terminating';
  if (hasCondition(job, 'Suspended')) return 'Suspended';
  return hasCondition(job, 'FailureTarget') ? 'FailureTarget' : 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration(end - Date.parse(status.startTime));
}

function warnings(object: Job, old: Job | undefined): string[] {
  if (!object.spec || !isNews(object, old)) return [];
  return [...(old ? [] : nameWarnings(object.metadata.name)), ...jobSpecWarnings(object.spec, specPath)];
}

export const job = defineResource<Job>({
  group: 'batch',
  version: 'v1',
  resource: 'jobs',
  kind: 'Job',
  generation: true,
  defaults: jobDefaults,
  prepareCreate: prepareJob,
  prepareUpdate: keepStatus,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings,
  status: jobStatus,
  columns: [
    nameColumn,
    text('Status', status),
    text('Completions', completions),
    text('Duration', duration),
    ageColumn,
    ...containerColumns<Job>((object) => object.spec?.template.spec?.containers),
    wide('Selector', (object) => formatSelector(object.spec?.selector)),
  ],
  selectableFields: { 'status.successful': (object) => String(object.status?.succeeded ?? 0) },
  defaultPropagation: 'Orphan',
});
