import { expect, test } from 'vitest';
import { clusterRoles } from '../../../src/api/kinds.gen.ts';
import { controlPlane } from '../../kit/controllers.ts';

const label = 'rbac.authorization.k8s.io/aggregate-to-view';
const widgets = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get', 'list'] };

test('a labelled role extends view, through it edit and admin, and takes its rules along when it goes', async () => {
  await using plane = await controlPlane();
  const roles = plane.client.resource(clusterRoles);
  const before = await roles.get({ name: 'admin' });
  await roles.create({ metadata: { name: 'widget-viewer', labels: { [label]: 'true' } }, rules: [widgets] });
  for (const name of ['view', 'edit', 'admin']) {
    const role = await plane.until(
      clusterRoles,
      name,
      (r) => r?.rules?.some((x) => x.apiGroups?.[0] === 'example.com') ?? false,
    );
    expect(role?.rules).toContainEqual(widgets);
    const managers = role?.metadata.managedFields?.map((entry) => [entry.manager, entry.operation]);
    expect(managers).toContainEqual(['clusterrole-aggregation-controller', 'Apply']);
    expect(role?.aggregationRule).toBeDefined();
  }
  await roles.delete({ name: 'widget-viewer' });
  const after = await plane.until(clusterRoles, 'admin', (r) => r?.rules?.length === before.rules?.length);
  expect(after?.rules).toEqual(before.rules);
});

test('a role that users aggregate follows their selectors', async () => {
  await using plane = await controlPlane();
  const roles = plane.client.resource(clusterRoles);
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { team: 'a' } }] };
  await roles.create({ metadata: { name: 'team' }, aggregationRule, rules: [] });
  await roles.create({ metadata: { name: 'part', labels: { team: 'a' } }, rules: [widgets] });
  await plane.until(clusterRoles, 'team', (role) => role?.rules?.length === 1);
  await roles.mergePatch({ name: 'part' }, { metadata: { labels: { team: 'b' } } });
  await plane.until(clusterRoles, 'team', (role) => (role?.rules?.length ?? 0) === 0);
});
