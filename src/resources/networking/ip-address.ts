import { groupResource } from '../../api/object.ts';
import type { IPAddress } from '../../api/types/networking-v1.gen.ts';
import { nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

function parent({ spec }: IPAddress): string {
  if (!spec?.parentRef) return '<none>';
  const { group = '', resource = '', namespace, name = '' } = spec.parentRef;
  return [groupResource({ group, resource }).toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
}

export const ipAddress = defineResource<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'ipaddresses',
  kind: 'IPAddress',
  columns: [nameColumn, text('ParentRef', parent)],
  selectableFields: { 'spec.parentRef.resource': (object) => object.spec?.parentRef?.resource ?? '' },
});
