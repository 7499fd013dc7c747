import type { Ingress } from '../../api/types/networking-v1.gen.ts';
import { ageColumn, loadBalancerAddresses, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { keepStatus } from '../rules/status.ts';
import {
  ingressDefaults,
  ingressStatus,
  ingressWarnings,
  prepareIngress,
  validateIngress,
  validateNewIngress,
} from './ingress-rules.ts';

/** Up to three hosts. Upstream counts the rest by rules, not by hosts; so does this. */
function hosts({ spec }: Ingress): string {
  const rules = spec?.rules ?? [];
  const shown: string[] = [];
  let more = false;
  for (const { host } of rules) {
    if (shown.length === 3) more = true;
    else if (host) shown.push(host);
  }
  if (shown.length === 0) return '*';
  return more ? `${shown.join(',')} + ${rules.length - 3} more...` : shown.join(',');
}

export const ingress = defineResource<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'ingresses',
  kind: 'Ingress',
  generation: true,
  defaults: ingressDefaults,
  prepareCreate: prepareIngress,
  prepareUpdate: keepStatus,
  validate: validateIngress,
  validateCreate: validateNewIngress,
  warnings: ingressWarnings,
  status: ingressStatus,
  columns: [
    nameColumn,
    text('Class', (object) => object.spec?.ingressClassName ?? '<none>'),
    text('Hosts', hosts),
    text('Address', (object) => loadBalancerAddresses(object.status?.loadBalancer?.ingress)),
    text('Ports', (object) => (object.spec?.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
});
