import { cel } from '../../api/cel/cel.ts';
import type { DeviceClass } from '../../api/types/resource-v1.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateDeviceClass } from './device-class-rules.ts';

export const deviceClass = defineResource<DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'deviceclasses',
  kind: 'DeviceClass',
  loads: () => cel.ready(),
  generation: true,
  validate: validateDeviceClass,
  columns: [nameColumn, ageColumn],
});
