import type { IngressClass } from '../../api/types/networking-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { ingressClassDefaults, validateIngressClass, validateIngressClassUpdate } from './ingress-class-rules.ts';

function parameters({ spec }: IngressClass): string {
  if (!spec?.parameters) return '<none>';
  const { apiGroup, kind, name } = spec.parameters;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}

export const ingressClass = defineResource<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'ingressclasses',
  kind: 'IngressClass',
  generation: true,
  defaults: ingressClassDefaults,
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  columns: [
    nameColumn,
    text('Controller', (object) => object.spec?.controller ?? ''),
    text('Parameters', parameters),
    ageColumn,
  ],
});
