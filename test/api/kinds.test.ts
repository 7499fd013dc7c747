import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';

/** The rules of kinds through the whole server: decoding, defaults, metadata, generation, versions of writes. */

const admission = 'admissionregistration.k8s.io/v1';
const cluster = { namespace: '' };

const policy = (expression: string) => ({
  metadata: { name: 'p' },
  spec: {
    matchConstraints: {
      resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    },
    validations: [{ expression }],
  },
});

const change = (api: TestApi, resource: string, object: KubeObject, fields: object, subresource?: string) =>
  api.call('update', resource, {
    ...cluster,
    name: object.metadata.name!,
    ...(subresource && { subresource }),
    object: { ...object, ...fields } as KubeObject,
  });

test('a policy that does not compile is refused with the place of the error', async () => {
  await using api = await apiServer();
  const policies = `${admission}/validatingadmissionpolicies`;
  await expect(
    api.call('create', policies, { ...cluster, object: policy('object.spec.replicas <') }),
  ).rejects.toMatchObject({
    code: 422,
    status: {
      details: {
        causes: [
          {
            field: 'spec.validations[0].expression',
            message: expect.stringContaining('compilation failed: ERROR: <input>:1:'),
          },
        ],
      },
    },
  });
  const created = await api.call('create', policies, { ...cluster, object: policy('object.spec.replicas < 5') });
  expect(created).toMatchObject({ metadata: { generation: 1 }, spec: { failurePolicy: 'Fail' } });
  const spec = { ...(created['spec'] as object), failurePolicy: 'Ignore' };
  const changed = await change(api, policies, created, { spec });
  expect(changed.metadata.generation).toBe(2);
});

test('a webhook configuration is not overwritten unseen', async () => {
  await using api = await apiServer();
  const configurations = `${admission}/validatingwebhookconfigurations`;
  const hook = {
    name: 'a.example.com',
    clientConfig: { url: 'https://a.example.com' },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  const created = await api.call('create', configurations, {
    ...cluster,
    object: { metadata: { name: 'w' }, webhooks: [hook] },
  });
  const { resourceVersion: _, ...metadata } = created.metadata;
  const blind = {
    code: 422,
    message:
      'validatingwebhookconfigurations.admissionregistration.k8s.io "w" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  };
  await expect(change(api, configurations, created, { metadata })).rejects.toMatchObject(blind);
  await expect(
    change(api, configurations, created, { metadata: { ...metadata, resourceVersion: '0' } }),
  ).rejects.toMatchObject(blind);
  await expect(
    change(api, configurations, created, { webhooks: [{ ...hook, timeoutSeconds: 31 }] }),
  ).rejects.toMatchObject({
    code: 422,
    message: expect.stringContaining('webhooks[0].timeoutSeconds: Invalid value: 31'),
  });
  const changed = await change(api, configurations, created, { webhooks: [{ ...hook, timeoutSeconds: 30 }] });
  expect(changed.metadata.generation).toBe(2);
});

test('an APIService is named after its version and group', async () => {
  await using api = await apiServer();
  const services = 'apiregistration.k8s.io/v1/apiservices';
  const spec = { group: 'a.example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 1 };
  await expect(
    api.call('create', services, { ...cluster, object: { metadata: { name: 'v2.a.example.com' }, spec } }),
  ).rejects.toMatchObject({
    code: 422,
    message:
      'APIService.apiregistration.k8s.io "v2.a.example.com" is invalid: metadata.name: Invalid value: "v2.a.example.com": must be `spec.version+"."+spec.group`: "v1.a.example.com"',
  });
  const created = await api.call('create', services, {
    ...cluster,
    object: { metadata: { name: 'v1.a.example.com' }, spec },
  });
  expect(created).toMatchObject({ status: { conditions: [{ type: 'Available', status: 'True' }] } });
});

test('a claim for devices gets its status from others than its user', async () => {
  await using api = await apiServer();
  const claims = 'resource.k8s.io/v1/resourceclaims';
  const requests = [{ name: 'gpu', exactly: { deviceClassName: 'gpus' } }];
  const result = { request: 'gpu', driver: 'd.example.com', pool: 'p', device: 'gpu-0' };
  const status = { allocation: { devices: { results: [result] } } };
  const created = await api.call('create', claims, {
    object: { metadata: { name: 'c' }, spec: { devices: { requests } }, status },
  });
  expect(created['status']).toEqual({});
  const allocated = await api.call('update', claims, {
    name: 'c',
    subresource: 'status',
    object: { ...created, spec: { devices: {} }, status } as KubeObject,
  });
  expect(allocated).toMatchObject({ spec: created['spec'], status });
  await expect(
    api.call('update', claims, {
      name: 'c',
      object: { ...allocated, spec: { devices: { requests: [] } } } as KubeObject,
    }),
  ).rejects.toMatchObject({ code: 422, message: expect.stringContaining('field is immutable') });
});

test('flow schemas and priority levels are there for whoever writes them', async () => {
  await using api = await apiServer();
  const group = 'flowcontrol.apiserver.k8s.io/v1';
  const level = await api.call('create', `${group}/prioritylevelconfigurations`, {
    ...cluster,
    object: { metadata: { name: 'l' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
  });
  expect(level).toMatchObject({ metadata: { generation: 1 }, spec: { limited: { nominalConcurrencyShares: 30 } } });
  await expect(
    api.call('create', `${group}/flowschemas`, {
      ...cluster,
      object: { metadata: { name: 'f' }, spec: { priorityLevelConfiguration: {} } },
    }),
  ).rejects.toMatchObject({
    code: 422,
    message:
      'FlowSchema.flowcontrol.apiserver.k8s.io "f" is invalid: spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
  });
});
