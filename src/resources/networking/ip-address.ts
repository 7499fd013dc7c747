import type { ErrorList } from '../../api/field-errors.ts';
import { nameIsPathSegment } from '../../api/names.ts';
import { groupResource } from '../../api/object.ts';
import type { IPAddress } from '../../api/types/networking-v1.gen.ts';
import { nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { canonicalAddressProblem } from '../rules/addresses.ts';
import { named, present, subdomain, unchanged } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';

function parent({ spec }: IPAddress): string {
  if (!spec?.parentRef) return '<none>';
  const { group = '', resource = '', namespace, name = '' } = spec.parentRef;
  return [groupResource({ group, resource }).toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
}

const path = specPath.child('parentRef');

/** What the address was given to. Source: networking validation, validateIPAddressParentReference. */
function validate({ spec }: IPAddress, errors: ErrorList): void {
  const ref = spec?.parentRef;
  if (!ref) {
    errors.required(path);
    return;
  }
  const segment = (text: string): string[] => nameIsPathSegment(text, false);
  if (ref.group) subdomain(errors, path.child('group'), ref.group);
  for (const field of ['resource', 'name'] as const) {
    const value = ref[field];
    if (present(errors, path.child(field), value)) named(errors, path.child(field), value, segment);
  }
  if (ref.namespace) named(errors, path.child('namespace'), ref.namespace, segment);
}

export const ipAddress = defineResource<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'ipaddresses',
  kind: 'IPAddress',
  validateName: (name) => {
    const problem = canonicalAddressProblem(name);
    return problem ? [problem] : [];
  },
  validate,
  validateUpdate: (object, old, errors) => unchanged(errors, path, object.spec?.parentRef, old.spec?.parentRef),
  columns: [nameColumn, text('ParentRef', parent)],
  selectableFields: { 'spec.parentRef.resource': (object) => object.spec?.parentRef?.resource ?? '' },
});
