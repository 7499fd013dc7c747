import type { PriorityClass } from '../../api/types/scheduling-v1.gen.ts';
import { ageColumn, boolean, integer, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { priorityClassDefaults, validatePriorityClass, validatePriorityClassUpdate } from './priority-class-rules.ts';

export const priorityClass = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  resource: 'priorityclasses',
  kind: 'PriorityClass',
  generation: true,
  defaults: priorityClassDefaults,
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
  columns: [
    nameColumn,
    integer('Value', (object) => object.value ?? 0),
    boolean('Global-Default', (object) => object.globalDefault ?? false),
    ageColumn,
    text('PreemptionPolicy', (object) => object.preemptionPolicy ?? ''),
  ],
});
