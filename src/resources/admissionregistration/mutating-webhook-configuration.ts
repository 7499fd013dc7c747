import { cel } from '../../api/cel/cel.ts';
import type { MutatingWebhookConfiguration } from '../../api/types/admissionregistration-v1.gen.ts';
import { ageColumn, integer, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { mutatingWebhookDefaults } from './admission-defaults.ts';
import { validateWebhooks } from './webhook-rules.ts';

export const mutatingWebhookConfiguration = defineResource<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  loads: () => cel.ready(),
  generation: true,
  unconditionalUpdate: false,
  validate: validateWebhooks,
  defaults: mutatingWebhookDefaults,
  columns: [nameColumn, integer('Webhooks', (object) => object.webhooks?.length ?? 0), ageColumn],
});
