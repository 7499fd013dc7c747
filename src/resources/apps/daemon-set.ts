import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import {
  ageColumn,
  containerColumns,
  formatLabels,
  formatSelector,
  integer,
  nameColumn,
  text,
  wide,
} from '../columns.ts';
import { defineResource } from '../resource.ts';
import { workloadWarnings } from '../rules/pod-warnings.ts';
import { keepSpec } from '../rules/status.ts';
import {
  daemonSetDefaults,
  prepareDaemonSet,
  prepareDaemonSetUpdate,
  validateDaemonSet,
  validateDaemonSetStatus,
  validateDaemonSetUpdate,
} from './daemon-set-rules.ts';

export const daemonSet = defineResource<DaemonSet>({
  group: 'apps',
  version: 'v1',
  resource: 'daemonsets',
  kind: 'DaemonSet',
  generation: true,
  defaults: daemonSetDefaults,
  prepareCreate: prepareDaemonSet,
  prepareUpdate: prepareDaemonSetUpdate,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  warnings: workloadWarnings(false),
  status: { prepareUpdate: keepSpec, validateUpdate: validateDaemonSetStatus },
  columns: [
    nameColumn,
    integer('Desired', (object) => object.status?.desiredNumberScheduled ?? 0),
    integer('Current', (object) => object.status?.currentNumberScheduled ?? 0),
    integer('Ready', (object) => object.status?.numberReady ?? 0),
    integer('Up-to-date', (object) => object.status?.updatedNumberScheduled ?? 0),
    integer('Available', (object) => object.status?.numberAvailable ?? 0),
    text('Node Selector', (object) => formatLabels(object.spec?.template.spec?.nodeSelector)),
    ageColumn,
    ...containerColumns<DaemonSet>((object) => object.spec?.template.spec?.containers),
    wide('Selector', (object) => formatSelector(object.spec?.selector)),
  ],
});
