import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { keepSpecAndMetadata } from '../rules/status.ts';
import {
  prepareTaintRule,
  prepareTaintRuleUpdate,
  validateTaintRule,
  validateTaintRuleStatus,
} from './device-taint-rule-rules.ts';

export const deviceTaintRule = defineResource<DeviceTaintRule>({
  group: 'resource.k8s.io',
  version: 'v1beta2',
  resource: 'devicetaintrules',
  kind: 'DeviceTaintRule',
  generation: true,
  prepareCreate: prepareTaintRule,
  prepareUpdate: prepareTaintRuleUpdate,
  validate: validateTaintRule,
  status: { prepareUpdate: keepSpecAndMetadata, validateUpdate: validateTaintRuleStatus },
  resetFields: { status: resets('spec', 'metadata') },
  columns: [nameColumn, ageColumn],
});
