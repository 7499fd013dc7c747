import { since } from '../../api/human-duration.ts';
import type { CronJob } from '../../api/types/batch-v1.gen.ts';
import {
  ageColumn,
  boolean,
  containerColumns,
  formatBoolean,
  formatSelector,
  integer,
  nameColumn,
  text,
  wide,
} from '../columns.ts';
import { defineResource } from '../resource.ts';
import { dropStatus, keepSpec, keepStatus } from '../rules/status.ts';
import { cronJobDefaults, cronJobWarnings, validateCronJobUpdate, validateNewCronJob } from './cron-job-rules.ts';

export const cronJob = defineResource<CronJob>({
  group: 'batch',
  version: 'v1',
  resource: 'cronjobs',
  kind: 'CronJob',
  generation: true,
  defaults: cronJobDefaults,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validateCreate: validateNewCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings: cronJobWarnings,
  status: { prepareUpdate: keepSpec },
  columns: [
    nameColumn,
    text('Schedule', (object) => object.spec?.schedule ?? ''),
    text('Timezone', (object) => object.spec?.timeZone ?? '<none>'),
    boolean('Suspend', (object) => formatBoolean(object.spec?.suspend)),
    integer('Active', (object) => object.status?.active?.length ?? 0),
    text('Last Schedule', ({ status }, now) =>
      status?.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>',
    ),
    ageColumn,
    ...containerColumns<CronJob>((object) => object.spec?.jobTemplate.spec?.template.spec?.containers),
    wide('Selector', (object) => formatSelector(object.spec?.jobTemplate.spec?.selector)),
  ],
});
