import type { RoleRef, Subject } from '../../api/types/rbac-v1.gen.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';
import type { Column } from '../resource.ts';

interface Binding {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

const subjects = (object: Binding, kind: string): string =>
  (object.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' && namespace ? `${namespace}/${name}` : name))
    .join(', ');

/** Columns of both binding kinds. */
export const bindingColumns: readonly Column<Binding>[] = [
  nameColumn,
  text('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  wide('Users', (object) => subjects(object, 'User')),
  wide('Groups', (object) => subjects(object, 'Group')),
  wide('ServiceAccounts', (object) => subjects(object, 'ServiceAccount')),
] as readonly Column<Binding>[];
