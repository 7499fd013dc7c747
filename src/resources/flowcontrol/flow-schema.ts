import type { FlowSchema } from '../../api/types/flowcontrol-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepStatus } from '../rules/status.ts';
import { flowSchemaDefaults, flowSchemaStatus, validateFlowSchema } from './flow-schema-rules.ts';
import { byPrecedence } from './precedence.ts';

export const flowSchema = defineResource<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  resource: 'flowschemas',
  kind: 'FlowSchema',
  generation: true,
  defaults: flowSchemaDefaults,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validate: validateFlowSchema,
  status: flowSchemaStatus,
  resetFields: { status: resets('spec', 'metadata') },
  columns: [
    nameColumn,
    text('PriorityLevel', (object) => object.spec?.priorityLevelConfiguration.name ?? ''),
    text('MatchingPrecedence', (object) => object.spec?.matchingPrecedence ?? 0),
    text('DistinguisherMethod', (object) => object.spec?.distinguisherMethod?.type ?? '<none>'),
    ageColumn,
    text('MissingPL', ({ status }) => status?.conditions?.find((c) => c.type === 'Dangling')?.status ?? '?'),
  ],
  rowOrder: byPrecedence,
});
