import { FieldPath } from '../../api/field-errors.ts';
import type { PodTemplate } from '../../api/types/core-v1.gen.ts';
import { formatLabels, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { podTemplateDefaults } from '../rules/pod-defaults.ts';
import { podTemplate as checkTemplate } from '../rules/pod-spec.ts';
import { isNews, templateWarnings } from '../rules/pod-warnings.ts';

const template = FieldPath.of('template');

export const podTemplate = defineResource<PodTemplate>({
  group: '',
  version: 'v1',
  resource: 'podtemplates',
  kind: 'PodTemplate',
  generation: true,
  defaults: (object) => podTemplateDefaults(object),
  validate: (object, errors) => checkTemplate(errors, template, object.template),
  warnings: (object, old) => (isNews(object, old) ? templateWarnings(object.template, template) : []),
  columns: [
    nameColumn,
    text('Containers', (object) => (object.template?.spec?.containers ?? []).map((c) => c.name).join(',')),
    text('Images', (object) => (object.template?.spec?.containers ?? []).map((c) => c.image ?? '').join(',')),
    text('Pod Labels', (object) => formatLabels(object.template?.metadata?.labels)),
  ],
});
