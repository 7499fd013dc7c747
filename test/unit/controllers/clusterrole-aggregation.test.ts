import { describe, expect, it } from 'vitest';
import type { ClusterRole } from '../../../src/api/types/rbac-v1.gen.ts';
import { planRules } from '../../../src/controllers/clusterrole-aggregation/plan.ts';
import { bootstrapRbac } from '../../../src/resources/rbac/bootstrap-roles.ts';

const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });

const role = (name: string, labels: Record<string, string>, ...resources: string[]): ClusterRole => ({
  metadata: { name, labels },
  rules: resources.map(rule),
});

const gathering = (name: string, selectors: Record<string, string>[], ...resources: string[]): ClusterRole => ({
  ...role(name, { to: name }, ...resources),
  aggregationRule: { clusterRoleSelectors: selectors.map((matchLabels) => ({ matchLabels })) },
});

describe('an aggregated role', () => {
  const others = [
    role('b', { to: 'all' }, 'pods', 'secrets'),
    role('a', { to: 'all' }, 'secrets'),
    role('c', {}, 'nodes'),
  ];

  it('has the rules of what it selects, by name and each once', () => {
    expect(planRules(gathering('all', [{ to: 'all' }]), others)).toEqual([rule('secrets'), rule('pods')]);
  });

  it('takes them in the order of its selectors', () => {
    const more = [...others, role('z', { first: 'yes' }, 'nodes')];
    const rules = planRules(gathering('all', [{ first: 'yes' }, { to: 'all' }]), more);
    expect(rules).toEqual([rule('nodes'), rule('secrets'), rule('pods')]);
  });

  it('takes nothing from itself, and loses what nobody has any more', () => {
    const own = gathering('all', [{ to: 'all' }], 'configmaps');
    expect(planRules(own, [own])).toEqual([]);
  });

  it('is left alone when it has them', () => {
    expect(planRules(gathering('all', [{ to: 'all' }], 'secrets', 'pods'), others)).toBeUndefined();
  });
});

it('a role without an aggregation rule keeps its own rules', () => {
  expect(planRules(role('plain', { to: 'all' }, 'pods'), [])).toBeUndefined();
});

it('the roles a cluster starts with are aggregated already', () => {
  const roles = bootstrapRbac.filter(({ kind }) => kind === 'ClusterRole') as unknown as ClusterRole[];
  const gathered = roles.filter((r) => r.aggregationRule);
  expect(gathered.map((r) => r.metadata.name)).toEqual(['admin', 'edit', 'view']);
  expect(gathered.map((r) => planRules(r, roles))).toEqual([undefined, undefined, undefined]);
});
