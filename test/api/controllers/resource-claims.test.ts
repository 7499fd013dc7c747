import { expect, test } from 'vitest';
import { events, pods, resourceClaims, resourceClaimTemplates, resourceSlices } from '../../../src/api/kinds.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] };
const template = (plane: ControlPlane) =>
  plane.client
    .resource(resourceClaimTemplates)
    .create({ metadata: { name: 't', namespace: 'default' }, spec: { spec: { devices } } });
const pod = (plane: ControlPlane, name: string) =>
  plane.client.resource(pods).create({
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: { claims: [{ name: 'gpu' }] } }],
      resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }],
    },
  });

/** Gives a claim a device, as a scheduler does. */
async function allocate(plane: ControlPlane, name: string, reservedFor: readonly object[] = []): Promise<void> {
  const key = { namespace: 'default', name };
  const claims = plane.client.resource(resourceClaims);
  await claims.mergePatch(key, { metadata: { finalizers: ['resource.kubernetes.io/delete-protection'] } });
  const results = [{ request: 'r', driver: 'gpu.example.com', pool: 'n1', device: 'gpu-0' }];
  const status = { allocation: { devices: { results } }, reservedFor };
  await claims.mergePatch(key, { status }, { subresource: 'status' });
}

test('a pod gets a claim by a template, is entered in it, and it goes when the pod has done its work', async () => {
  await using plane = await controlPlane();
  await template(plane);
  await pod(plane, 'p');
  const [claim] = await plane.untilAll(resourceClaims, (all) => all.length === 1);
  expect(claim?.metadata).toMatchObject({ generateName: 'p-gpu-', ownerReferences: [{ kind: 'Pod', name: 'p' }] });
  const name = claim!.metadata!.name!;
  const noted = await plane.until(pods, 'default/p', (p) => p?.status?.resourceClaimStatuses !== undefined);
  expect(noted?.status?.resourceClaimStatuses).toEqual([{ name: 'gpu', resourceClaimName: name }]);
  await plane.until(pods, 'default/p', (p) => p?.spec?.nodeName !== undefined);
  await allocate(plane, name);
  const reserved = await plane.until(resourceClaims, `default/${name}`, (c) => c?.status?.reservedFor?.length === 1);
  expect(reserved?.status?.reservedFor).toMatchObject([{ resource: 'pods', name: 'p' }]);
  const done = { phase: 'Succeeded' };
  await plane.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name: 'p' }, { status: done }, { subresource: 'status' });
  await plane.untilAll(resourceClaims, (all) => all.length === 0);
  expect(plane.informers.of(pods).get('default/p')).toBeDefined();
});

test('a claim that was taken from its pod is made again; without a template the pod is told why it has none', async () => {
  await using plane = await controlPlane();
  await pod(plane, 'p');
  const told = await plane.untilAll(events, (all) => all.length > 0);
  expect(told[0]).toMatchObject({
    type: 'Warning',
    reason: 'FailedResourceClaimCreation',
    message: 'PodResourceClaim gpu: resource claim template "t": resourceclaimtemplate.resource.k8s.io "t" not found',
  });
  await template(plane);
  const [first] = await plane.untilAll(resourceClaims, (all) => all.length === 1);
  await plane.until(pods, 'default/p', (p) => p?.status?.resourceClaimStatuses !== undefined);
  await plane.client.resource(resourceClaims).delete({ namespace: 'default', name: first!.metadata!.name! });
  const [second] = await plane.untilAll(
    resourceClaims,
    (all) => all.length === 1 && all[0]!.metadata!.uid !== first!.metadata!.uid,
  );
  await plane.until(
    pods,
    'default/p',
    (p) => p?.status?.resourceClaimStatuses?.[0]?.resourceClaimName === second!.metadata!.name,
  );
});

test('pods that are gone are taken out of a claim that others made, and the last gives its devices back', async () => {
  await using plane = await controlPlane();
  await plane.client
    .resource(resourceClaims)
    .create({ metadata: { name: 'mine', namespace: 'default' }, spec: { devices } });
  await allocate(plane, 'mine', [{ resource: 'pods', name: 'never', uid: 'u' }]);
  const free = await plane.until(
    resourceClaims,
    'default/mine',
    (c) => c?.metadata?.finalizers === undefined && !c?.status?.allocation && c?.status?.reservedFor === undefined,
  );
  expect(free).toBeDefined();
});

test('a pod whose device breaks goes, unless it stands that', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await template(plane);
  await pod(plane, 'p');
  const [claim] = await plane.untilAll(resourceClaims, (all) => all.length === 1);
  await plane.until(
    pods,
    'default/p',
    (p) => p?.spec?.nodeName !== undefined && p.status?.resourceClaimStatuses !== undefined,
  );
  await allocate(plane, claim!.metadata!.name!);
  await plane.until(resourceClaims, `default/${claim!.metadata!.name}`, (c) => c?.status?.reservedFor?.length === 1);
  await plane.client.resource(resourceSlices).create({
    metadata: { name: 's' },
    spec: {
      driver: 'gpu.example.com',
      nodeName: 'n1',
      pool: { name: 'n1', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0', taints: [{ key: 'broken', effect: 'NoExecute' }] }],
    },
  });
  await plane.until(pods, 'default/p', (p) => p === undefined);
  const told = await plane.untilAll(events, (all) => all.some((e) => e.reason === 'DeviceTaintManagerEviction'));
  expect(told.map((e) => e.message)).toContain('Marking for deletion');
});
