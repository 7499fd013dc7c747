import { expect, test } from 'vitest';
import { bootstrapRbac } from '../../../../src/resources/rbac/bootstrap-roles.ts';

const named = (kind: string, name: string) => bootstrapRbac.find((o) => o.kind === kind && o.metadata.name === name)!;

test('no object stands twice', () => {
  const keys = bootstrapRbac.map((o) => `${o.kind}/${o.metadata.namespace ?? ''}/${o.metadata.name}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test('every binding names a role that is there', () => {
  for (const binding of bootstrapRbac.filter((o) => o['roleRef'])) {
    const { kind, name } = binding['roleRef'] as { kind: string; name: string };
    expect(named(kind, name), `${binding.metadata.name}`).toBeDefined();
  }
});

test('view does not read secrets, edit does, and admin may bind roles', () => {
  const may = (role: string, group: string, resource: string, verb: string) =>
    (named('ClusterRole', role)['rules'] as { apiGroups?: string[]; resources?: string[]; verbs: string[] }[]).some(
      (r) => r.apiGroups?.includes(group) && r.resources?.includes(resource) && r.verbs.includes(verb),
    );
  expect(may('view', '', 'secrets', 'get')).toBe(false);
  expect(may('edit', '', 'secrets', 'get')).toBe(true);
  expect(may('edit', 'rbac.authorization.k8s.io', 'roles', 'create')).toBe(false);
  expect(may('admin', 'rbac.authorization.k8s.io', 'roles', 'create')).toBe(true);
});
