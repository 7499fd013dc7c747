import { expect, test } from 'vitest';
import { deployments, events, pods, replicaSets } from '../../../src/api/kinds.gen.ts';
import type { Deployment, DeploymentSpec } from '../../../src/api/types/apps-v1.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

function web(spec: Partial<DeploymentSpec> = {}, image = 'web:1'): Deployment {
  const labels = { app: 'web' };
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } },
      ...spec,
    },
  };
}

const complete = (d: Deployment | undefined) =>
  d !== undefined &&
  d?.status?.observedGeneration === d?.metadata.generation &&
  d?.status?.updatedReplicas === d?.spec?.replicas &&
  d?.status?.replicas === d?.spec?.replicas &&
  d?.status?.availableReplicas === d?.spec?.replicas;

const key = { namespace: 'default', name: 'web' };
const imageOf = (pod: Pod) => pod.spec?.containers[0]?.image;
const setImage = (plane: ControlPlane, image: string) =>
  plane.client
    .resource(deployments)
    .patch(key, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } } });
const condition = (d: Deployment | undefined, type: string) => d?.status?.conditions?.find((c) => c.type === type);

test('a deployment makes its pods, becomes available and says so', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(deployments).create(web());
  const done = await plane.until(deployments, 'default/web', complete);
  expect(condition(done, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
  const [set] = plane.informers.of(replicaSets).list('default');
  const settled = await plane.until(
    deployments,
    'default/web',
    (d) => condition(d, 'Progressing')?.reason === 'NewReplicaSetAvailable',
  );
  expect(condition(settled, 'Progressing')?.message).toBe(
    `ReplicaSet "${set!.metadata.name}" has successfully progressed.`,
  );
  expect(settled?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
  expect(set!.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{7,10}$/);
  const made = plane.informers.of(pods).list('default');
  expect(made.length).toBe(3);
  for (const pod of made) expect(pod.metadata.name).toMatch(new RegExp(`^${set!.metadata.name}-[a-z0-9]{5}$`));
  const told = await plane.untilAll(events, (all) => all.length >= 4);
  expect(told.map((e) => e.message)).toContain(`Scaled up replica set ${set!.metadata.name} from 0 to 3`);
  expect(told.filter((e) => e.reason === 'SuccessfulCreate').length).toBe(3);
  expect(plane.logged.filter((r) => r.level !== 'info')).toEqual([]);
});

test('a rolling update keeps to surge and availability all the way, and rollback reuses the old set', async () => {
  await using plane = await controlPlane();
  const strategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } };
  await plane.client.resource(deployments).create(web({ replicas: 6, strategy }));
  await plane.until(deployments, 'default/web', complete);
  const totals: number[] = [];
  const readies: number[] = [];
  const watch = () => {
    const all = plane.informers
      .of(pods)
      .list('default')
      .filter((p) => !p.metadata.deletionTimestamp);
    totals.push(all.length);
    readies.push(
      all.filter((p) => p.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')).length,
    );
  };
  plane.informers.of(pods).on({ added: (_, initial) => initial || watch(), updated: watch, deleted: watch });
  await setImage(plane, 'web:2');
  await plane.until(deployments, 'default/web', (d) => d?.metadata.generation === 2 && complete(d));
  expect(Math.max(...totals)).toBeLessThanOrEqual(7);
  expect(Math.min(...readies)).toBeGreaterThanOrEqual(5);
  await plane.untilAll(pods, (all) => all.length === 6 && all.every((p) => imageOf(p) === 'web:2'));
  expect(plane.informers.of(replicaSets).size).toBe(2);
  await setImage(plane, 'web:1');
  const back = await plane.until(deployments, 'default/web', (d) => d?.metadata.generation === 3 && complete(d));
  expect(plane.informers.of(replicaSets).size).toBe(2);
  expect(back?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  const revisions = plane.informers
    .of(replicaSets)
    .list()
    .map((s) => s.metadata.annotations?.['deployment.kubernetes.io/revision']);
  expect(revisions.toSorted()).toEqual(['2', '3']);
});

test('a new template in the middle of a rollout is rolled over to', async () => {
  const stuck = new Set(['web:2']);
  await using plane = await controlPlane({ pods: { ready: (pod) => !stuck.has(imageOf(pod)!) } });
  await plane.client.resource(deployments).create(web({ replicas: 4 }));
  await plane.until(deployments, 'default/web', complete);
  await setImage(plane, 'web:2');
  await plane.untilAll(pods, (all) => all.some((p) => imageOf(p) === 'web:2'));
  await setImage(plane, 'web:3');
  await plane.until(deployments, 'default/web', (d) => d?.metadata.generation === 3 && complete(d));
  await plane.untilAll(pods, (all) => all.length === 4 && all.every((p) => imageOf(p) === 'web:3'));
});

test('scaling in the middle of a stuck rollout is shared out in proportion', async () => {
  await using plane = await controlPlane({ pods: { ready: (pod) => imageOf(pod) === 'web:1' } });
  const strategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
  await plane.client.resource(deployments).create(web({ replicas: 10, strategy }));
  await plane.until(deployments, 'default/web', complete);
  await setImage(plane, 'web:bad');
  const size = (image: string) => (s: { spec?: { replicas?: number; template?: Pod } }) =>
    s.spec?.template?.spec?.containers[0]?.image === image ? s.spec.replicas! : 0;
  const sizes = (all: never[]) =>
    ['web:1', 'web:bad'].map((image) => all.reduce((sum: number, s) => sum + size(image)(s), 0));
  await plane.untilAll(replicaSets, (all) => String(sizes(all as never)) === '8,5');
  await plane.client.resource(deployments).mergePatch(key, { spec: { replicas: 30 } });
  await plane.untilAll(replicaSets, (all) => String(sizes(all as never)) === '20,13');
});

test('Recreate never runs two templates at once', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(deployments).create(web({ strategy: { type: 'Recreate' } }));
  await plane.until(deployments, 'default/web', complete);
  let mixed = false;
  plane.informers.of(pods).on({
    added: () => {
      mixed ||= new Set(plane.informers.of(pods).list('default').map(imageOf)).size > 1;
    },
  });
  await setImage(plane, 'web:2');
  await plane.until(deployments, 'default/web', (d) => d?.metadata.generation === 2 && complete(d));
  expect(mixed).toBe(false);
});

test('a paused deployment scales but does not roll, and goes on when resumed', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(deployments).create(web());
  await plane.until(deployments, 'default/web', complete);
  await plane.client.resource(deployments).mergePatch(key, { spec: { paused: true } });
  await plane.until(deployments, 'default/web', (d) => condition(d, 'Progressing')?.reason === 'DeploymentPaused');
  await setImage(plane, 'web:2');
  await plane.client.resource(deployments).mergePatch(key, { spec: { replicas: 5 } });
  await plane.until(deployments, 'default/web', (d) => d?.status?.availableReplicas === 5);
  expect(
    plane.informers
      .of(pods)
      .list('default')
      .every((p) => imageOf(p) === 'web:1'),
  ).toBe(true);
  await plane.client.resource(deployments).mergePatch(key, { spec: { paused: false } });
  await plane.untilAll(pods, (all) => all.length === 5 && all.every((p) => imageOf(p) === 'web:2'));
});

test('only the newest old sets are kept', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(deployments).create(web({ replicas: 1, revisionHistoryLimit: 2 }));
  for (let i = 2; i <= 6; i++) {
    await plane.until(deployments, 'default/web', (d) => d?.metadata.generation === i - 1 && complete(d));
    await setImage(plane, `web:${i}`);
  }
  await plane.until(deployments, 'default/web', (d) => d?.metadata.generation === 6 && complete(d));
  const left = await plane.untilAll(replicaSets, (all) => all.length === 3);
  const revisions = left.map((s) => Number(s.metadata.annotations?.['deployment.kubernetes.io/revision'])).sort();
  expect(revisions).toEqual([4, 5, 6]);
});

test('a deleted pod is replaced, a relabelled one released, a matching orphan adopted', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(deployments).create(web());
  await plane.until(deployments, 'default/web', complete);
  const [first, second] = plane.informers.of(pods).list('default');
  await plane.client.resource(pods).delete({ namespace: 'default', name: first!.metadata.name! });
  await plane.untilAll(pods, (all) => all.length === 3 && !all.some((p) => p.metadata.uid === first!.metadata.uid));
  await plane.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name: second!.metadata.name! }, { metadata: { labels: { app: 'other' } } });
  await plane.untilAll(pods, (all) => all.length === 4);
  const released = await plane.until(
    pods,
    `default/${second!.metadata.name}`,
    (p) => !p?.metadata.ownerReferences?.length,
  );
  expect(released?.metadata.labels?.['app']).toBe('other');
  await plane.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name: second!.metadata.name! }, { metadata: { labels: { app: 'web' } } });
  // Adopted, and then one too many.
  await plane.untilAll(
    pods,
    (all) => all.length === 3 && all.every((p) => p.metadata.ownerReferences?.[0]?.controller === true),
  );
});

test('a rollback asked for in an old version brings the earlier template back', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(deployments).create(web());
  await plane.until(deployments, 'default/web', complete);
  await setImage(plane, 'web:2');
  await plane.until(deployments, 'default/web', (d) => complete(d) && revisionOf(d) === '2');
  const rollBack = (revision: number) =>
    plane.api.call('create', 'extensions/v1beta1/deployments', {
      name: 'web',
      subresource: 'rollback',
      object: { name: 'web', rollbackTo: { revision } } as never,
    });
  expect(await rollBack(0)).toMatchObject({
    status: 'Success',
    message: 'rollback request for deployment "web" succeeded',
  });
  const back = await plane.until(deployments, 'default/web', (d) => complete(d) && revisionOf(d) === '3');
  expect(back?.spec?.template.spec?.containers[0]?.image).toBe('web:1');
  expect(back?.metadata.annotations).not.toHaveProperty(['deprecated.deployment.rollback.to']);
  await rollBack(9);
  const told = await plane.untilAll(events, (all) => all.filter((e) => e.reason?.includes('Rollback')).length === 2);
  expect(told.filter((e) => e.reason?.includes('Rollback')).map((e) => [e.reason, e.message])).toEqual([
    ['DeploymentRollback', 'Rolled back deployment "web" to revision 1'],
    ['DeploymentRollbackRevisionNotFound', 'Unable to find the revision to rollback to.'],
  ]);
});

const revisionOf = (d: Deployment | undefined) => d?.metadata.annotations?.['deployment.kubernetes.io/revision'];
