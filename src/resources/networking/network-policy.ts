import type { NetworkPolicy } from '../../api/types/networking-v1.gen.ts';
import { ageColumn, formatSelector, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { networkPolicyDefaults, networkPolicyWarnings, validateNetworkPolicy } from './network-policy-rules.ts';

export const networkPolicy = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
  generation: true,
  defaults: networkPolicyDefaults,
  validate: validateNetworkPolicy,
  warnings: networkPolicyWarnings,
  columns: [nameColumn, text('Pod-Selector', (object) => formatSelector(object.spec?.podSelector)), ageColumn],
});
