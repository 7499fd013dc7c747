import type { RuntimeClass } from '../../api/types/node-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { runtimeClassWarnings, validateRuntimeClass, validateRuntimeClassUpdate } from './runtime-class-rules.ts';

export const runtimeClass = defineResource<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  resource: 'runtimeclasses',
  kind: 'RuntimeClass',
  createOnUpdate: true,
  unconditionalUpdate: false,
  validate: validateRuntimeClass,
  validateUpdate: validateRuntimeClassUpdate,
  warnings: runtimeClassWarnings,
  columns: [nameColumn, text('Handler', (object) => object.handler), ageColumn],
});
