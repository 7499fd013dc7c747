import type { ComponentStatus } from '../../api/types/core-v1.gen.ts';
import { nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

const healthy = (object: ComponentStatus) => object.conditions?.find((c) => c.type === 'Healthy');

function status(object: ComponentStatus): string {
  const condition = healthy(object);
  return condition ? (condition.status === 'True' ? 'Healthy' : 'Unhealthy') : 'Unknown';
}

export const componentStatus = defineResource<ComponentStatus>({
  group: '',
  version: 'v1',
  resource: 'componentstatuses',
  kind: 'ComponentStatus',
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    text('Status', status),
    text('Message', (object) => healthy(object)?.message ?? ''),
    text('Error', (object) => healthy(object)?.error ?? ''),
  ],
});
