import { cel } from '../../api/cel/cel.ts';
import type { ValidatingWebhookConfiguration } from '../../api/types/admissionregistration-v1.gen.ts';
import { ageColumn, integer, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validatingWebhookDefaults } from './admission-defaults.ts';
import { validateWebhooks } from './webhook-rules.ts';

export const validatingWebhookConfiguration = defineResource<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  loads: () => cel.ready(),
  generation: true,
  unconditionalUpdate: false,
  validate: validateWebhooks,
  defaults: validatingWebhookDefaults,
  columns: [nameColumn, integer('Webhooks', (object) => object.webhooks?.length ?? 0), ageColumn],
});
