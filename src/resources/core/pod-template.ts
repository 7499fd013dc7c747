import type { PodTemplate } from '../../api/types/core-v1.gen.ts';
import { formatLabels, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const podTemplate = defineResource<PodTemplate>({
  group: '',
  version: 'v1',
  resource: 'podtemplates',
  kind: 'PodTemplate',
  generation: true,
  columns: [
    nameColumn,
    text('Containers', (object) => (object.template?.spec?.containers ?? []).map((c) => c.name).join(',')),
    text('Images', (object) => (object.template?.spec?.containers ?? []).map((c) => c.image ?? '').join(',')),
    text('Pod Labels', (object) => formatLabels(object.template?.metadata?.labels)),
  ],
});
