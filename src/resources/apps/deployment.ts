import type { Deployment } from '../../api/types/apps-v1.gen.ts';
import { ageColumn, containerColumns, nameColumn, selectorText, text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const deployment = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  kind: 'Deployment',
  generation: true,
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
