import type { ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

const enforced = 'kubernetes.io/enforce-mountable-secrets';
const advice = 'prefer separate namespaces to isolate access to mounted secrets';
const isEnforced = ({ metadata }: ServiceAccount): boolean => metadata.annotations?.[enforced] !== undefined;

export const serviceAccount = defineResource<ServiceAccount>({
  group: '',
  version: 'v1',
  resource: 'serviceaccounts',
  kind: 'ServiceAccount',
  warnings: (object, old) =>
    isEnforced(object) && !(old && isEnforced(old))
      ? [`metadata.annotations[${enforced}]: deprecated in v1.32+; ${advice}`]
      : [],
  columns: [nameColumn, text('Secrets', (object) => object.secrets?.length ?? 0), ageColumn],
});
