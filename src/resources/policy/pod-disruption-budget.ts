import type { PodDisruptionBudget } from '../../api/types/policy-v1.gen.ts';
import { ageColumn, integer, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { keepStatus } from '../rules/status.ts';
import {
  disruptionBudgetDefaults,
  disruptionBudgetStatus,
  prepareDisruptionBudget,
  validateDisruptionBudget,
} from './pod-disruption-budget-rules.ts';

export const podDisruptionBudget = defineResource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  generation: true,
  unconditionalUpdate: false,
  defaults: disruptionBudgetDefaults,
  prepareCreate: prepareDisruptionBudget,
  prepareUpdate: keepStatus,
  validate: validateDisruptionBudget,
  status: disruptionBudgetStatus,
  columns: [
    nameColumn,
    text('Min Available', (object) => String(object.spec?.minAvailable ?? 'N/A')),
    text('Max Unavailable', (object) => String(object.spec?.maxUnavailable ?? 'N/A')),
    integer('Allowed Disruptions', (object) => object.status?.disruptionsAllowed ?? 0),
    ageColumn,
  ],
});
