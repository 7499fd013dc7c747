import { expect, test } from 'vitest';
import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const limitRange = (api: TestApi, name: string, ...limits: Record<string, unknown>[]) =>
  api.call('create', 'limitranges', { object: { metadata: { name }, spec: { limits } } });

const create = (api: TestApi, name: string, spec: Record<string, unknown> = {}) =>
  api.call<Pod>('create', 'pods', {
    object: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } },
  });

const asking = (requests: Record<string, string>, limits: Record<string, string> = {}) => ({
  containers: [{ name: 'c', image: 'i', resources: { requests, limits } }],
});

test('containers get the amounts of the range where they ask for none, and the pod says which', async () => {
  await using api = await apiServer();
  await limitRange(api, 'r', {
    type: 'Container',
    default: { cpu: '500m', memory: '500Mi' },
    defaultRequest: { cpu: '100m', memory: '200Mi' },
  });
  const pod = await create(api, 'p', {
    initContainers: [{ name: 'i', image: 'i' }],
    containers: [
      { name: 'none', image: 'i' },
      { name: 'some', image: 'i', resources: { requests: { cpu: '300m' }, limits: { memory: '1Gi' } } },
    ],
  });
  expect(pod.spec?.containers.map((c) => c.resources)).toEqual([
    { requests: { cpu: '100m', memory: '200Mi' }, limits: { cpu: '500m', memory: '500Mi' } },
    { requests: { cpu: '300m', memory: '1Gi' }, limits: { cpu: '500m', memory: '1Gi' } },
  ]);
  expect(pod.spec?.initContainers?.[0]?.resources?.requests).toEqual({ cpu: '100m', memory: '200Mi' });
  expect(pod.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
    'LimitRanger plugin set: cpu, memory request for container none; cpu, memory limit for container none; ' +
      'cpu limit for container some; cpu, memory request for init container i; cpu, memory limit for init container i',
  );
  expect(pod.status?.qosClass).toBe('Burstable');
});

test('other namespaces and pods that ask for everything are left alone', async () => {
  await using api = await apiServer();
  expect((await create(api, 'before')).metadata.annotations).toBeUndefined();
  await limitRange(api, 'r', { type: 'Container', default: { cpu: '1' } });
  expect((await create(api, 'p', asking({ cpu: '1' }, { cpu: '1' }))).metadata.annotations).toBeUndefined();
});

test('what is out of bounds is forbidden, with everything that is wrong', async () => {
  await using api = await apiServer();
  await limitRange(
    api,
    'r',
    { type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '4' } },
    { type: 'Pod', max: { memory: '1Gi' } },
  );
  await expect(create(api, 'small', asking({ cpu: '50m', memory: '1Gi' }, { cpu: '1', memory: '2Gi' })))
    .rejects //
    .toMatchObject({
      code: 403,
      message:
        'pods "small" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, ' +
        'cpu max limit to request ratio per Container is 4, but provided ratio is 20.000000, ' +
        'maximum memory usage per Pod is 1Gi, but limit is 2Gi]',
    });
  await expect(create(api, 'large', asking({ cpu: '2' }, { cpu: '2', memory: '1Gi' }))).rejects.toMatchObject({
    message: 'pods "large" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  });
  expect((await create(api, 'fits', asking({ cpu: '500m' }, { cpu: '1', memory: '1Gi' }))).metadata.name).toBe('fits');
});

test('a claim asks for no less and no more than the range allows, also when it grows', async () => {
  await using api = await apiServer();
  await limitRange(api, 'r', { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } });
  const claim = (storage: string) =>
    api.call('create', 'persistentvolumeclaims', {
      object: {
        metadata: { name: 'v' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      },
    });
  await expect(claim('3Gi')).rejects.toMatchObject({
    code: 403,
    message:
      'persistentvolumeclaims "v" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
  });
  await claim('2Gi');
  // What is there stays, however narrow the range becomes.
  await api.call('patch', 'limitranges', {
    name: 'r',
    patch: {
      type: 'merge',
      body: { spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }] } },
    },
  });
  const labelled = await api.call('patch', 'persistentvolumeclaims', {
    name: 'v',
    patch: { type: 'merge', body: { metadata: { labels: { a: 'b' } } } },
  });
  expect(labelled.metadata.labels).toEqual({ a: 'b' });
});

test('a resize keeps to the range; other updates of pods are not looked at', async () => {
  await using api = await apiServer();
  await create(api, 'p', asking({ cpu: '100m' }, { cpu: '200m' }));
  await limitRange(api, 'r', { type: 'Container', max: { cpu: '500m' } });
  const resize = (cpu: string) =>
    api.call<Pod>('patch', 'pods', {
      name: 'p',
      subresource: 'resize',
      patch: {
        type: 'strategic',
        body: { spec: { containers: [{ name: 'c', resources: { limits: { cpu } } }] } },
      },
    });
  await expect(resize('600m')).rejects.toMatchObject({
    code: 403,
    message: 'pods "p" is forbidden: maximum cpu usage per Container is 500m, but limit is 600m',
  });
  expect((await resize('400m')).spec?.containers[0]?.resources?.limits).toEqual({ cpu: '400m' });
});
