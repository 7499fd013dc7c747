import type { Deployment } from '../../api/types/apps-v1.gen.ts';
import { ageColumn, containerColumns, nameColumn, selectorText, text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { workloadWarnings } from '../rules/pod-warnings.ts';
import { resets } from '../rules/reset-fields.ts';
import { keepSpecAndLabels, keepStatus } from '../rules/status.ts';
import {
  deploymentDefaults,
  validateDeployment,
  validateDeploymentStatus,
  validateDeploymentUpdate,
} from './deployment-rules.ts';

export const deployment = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  kind: 'Deployment',
  generation: true,
  defaults: deploymentDefaults,
  prepareCreate: (object) => {
    object.status = {};
  },
  prepareUpdate: (object, old) => keepStatus(object, old),
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  warnings: workloadWarnings(true),
  status: { prepareUpdate: (object, old) => keepSpecAndLabels(object, old), validateUpdate: validateDeploymentStatus },
  resetFields: { status: resets('spec', 'metadata.labels') },
  columns: [
    nameColumn,
    text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    text('Up-to-date', (object) => object.status?.updatedReplicas ?? 0),
    text('Available', (object) => object.status?.availableReplicas ?? 0),
    ageColumn,
    ...containerColumns<Deployment>((object) => object.spec?.template.spec?.containers),
    wide('Selector', (object) => selectorText(object.spec?.selector)),
  ],
  scale: { replicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
});
