import type { Pod } from '../../api/types/core-v1.gen.ts';
import { defineResource } from '../resource.ts';
import { podColumns } from './pod-columns.ts';

export const pod = defineResource<Pod>({
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  generation: true,
  columns: podColumns,
  selectableFields: {
    'spec.nodeName': (object) => object.spec?.nodeName ?? '',
    'spec.restartPolicy': (object) => object.spec?.restartPolicy ?? '',
    'spec.schedulerName': (object) => object.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (object) => object.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(object.spec?.hostNetwork ?? false),
    'status.phase': (object) => object.status?.phase ?? '',
    'status.podIP': (object) => object.status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': (object) => object.status?.nominatedNodeName ?? '',
  },
  indexes: { 'spec.nodeName': (object) => object.spec?.nodeName },
});
