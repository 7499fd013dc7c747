import { expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../../src/api/types/apps-v1.gen.ts';
import { planRollback, wantedRevision } from '../../../src/controllers/deployment/rollback.ts';

const wish = 'deprecated.deployment.rollback.to';
const template = (image: string, hash?: string) => ({
  metadata: { labels: { app: 'web', ...(hash && { 'pod-template-hash': hash }) } },
  spec: { containers: [{ name: 'c', image }] },
});
const deployment = (annotations: Record<string, string>): Deployment => ({
  metadata: { name: 'web', annotations },
  spec: { selector: { matchLabels: { app: 'web' } }, template: template('web:3') },
});
const set = (revision: number, annotations: Record<string, string> = {}): ReplicaSet => ({
  metadata: {
    name: `web-${revision}`,
    annotations: { 'deployment.kubernetes.io/revision': String(revision), ...annotations },
  },
  spec: { selector: {}, template: template(`web:${revision}`, `hash-${revision}`) },
});
const sets = [set(3), set(1, { 'kubernetes.io/change-cause': 'first' }), set(2)];

test.each([
  [undefined, undefined],
  ['2', 2],
  ['0', 0],
  ['two', undefined],
])('the wish %j is for revision %j', (text, revision) => {
  expect(wantedRevision(deployment(text === undefined ? {} : { [wish]: text }))).toBe(revision);
});

test.each([
  [1, 'web:1', 'DeploymentRollback', 'Rolled back deployment "web" to revision 1'],
  [0, 'web:2', 'DeploymentRollback', 'Rolled back deployment "web" to revision 2'],
  [7, 'web:3', 'DeploymentRollbackRevisionNotFound', 'Unable to find the revision to rollback to.'],
  [
    3,
    'web:3',
    'DeploymentRollbackTemplateUnchanged',
    'The rollback revision contains the same template as current deployment "web"',
  ],
])('back to revision %i: %s, %s', (wanted, image, reason, message) => {
  const plan = planRollback(deployment({ [wish]: String(wanted), mine: 'stays?' }), wanted, sets);
  expect(plan.event.slice(1)).toEqual([reason, message]);
  expect(plan.deployment.spec?.template).toEqual(template(image));
  expect(plan.deployment.metadata.annotations).not.toHaveProperty([wish]);
});

test('a deployment without history has nothing to go back to', () => {
  expect(planRollback(deployment({}), 0, [set(1)]).event).toEqual([
    'Warning',
    'DeploymentRollbackRevisionNotFound',
    'Unable to find last revision.',
  ]);
});

test('the annotations of that time come back, those that are not inherited stay', () => {
  const now = { 'deployment.kubernetes.io/revision': '3', 'kubernetes.io/change-cause': 'third' };
  expect(planRollback(deployment(now), 1, sets).deployment.metadata.annotations).toEqual({
    'deployment.kubernetes.io/revision': '3',
    'kubernetes.io/change-cause': 'first',
  });
});
