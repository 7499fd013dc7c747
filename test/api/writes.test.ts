import { expect, test } from 'vitest';
import { groupVersionFacts } from '../../src/api/discovery-facts.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../src/api/object.ts';
import { StatusError } from '../../src/api/status.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';
import { manifest, manifestResources } from '../kit/manifests.ts';

/** What a write of an object may do, kind by kind. Source of the lists: upstream's test/integration/apiserver/apidefinitions. */

const kindOf = new Map<string, { apiVersion: string; kind: string; namespaced: boolean }>(
  groupVersionFacts.flatMap(({ group, version, resources }) =>
    resources.map(
      ({ resource, kind, namespaced }) =>
        [
          `${group}/${version}/${resource}`,
          { apiVersion: group ? `${group}/${version}` : version, kind, namespaced },
        ] as const,
    ),
  ),
);
const namespaceOf = (resource: string): string => (kindOf.get(resource)!.namespaced ? 'default' : '');

const codeOf = async (call: Promise<unknown>): Promise<number> => {
  try {
    await call;
    return 200;
  } catch (error) {
    if (error instanceof StatusError) return error.status.code;
    throw error;
  }
};

const create = (api: TestApi, resource: string, object: KubeObject = manifest(resource).object): Promise<KubeObject> =>
  api.call('create', resource, { namespace: namespaceOf(resource), object });

const patchTo = (api: TestApi, resource: string, made: KubeObject, body: object, subresource = '') =>
  api.call<KubeObject>('patch', resource, {
    namespace: namespaceOf(resource),
    name: made.metadata.name!,
    patch: { type: 'merge', body },
    ...(subresource && { subresource }),
  });

/** Runs a question about every kind, and gives the kinds for which the answer is yes. */
async function kinds(
  resources: readonly string[],
  ask: (api: TestApi, resource: string) => Promise<boolean>,
): Promise<string[]> {
  await using api = await apiServer();
  const found: string[] = [];
  for (const resource of resources) if (await ask(api, resource)) found.push(resource);
  return found.sort();
}

const withStatus = manifestResources.filter((resource) => manifest(resource).status);

test('a PUT creates what is not there for some kinds only', async () => {
  const creating = await kinds(manifestResources, async (api, resource) => {
    const { object } = manifest(resource);
    const name = object.metadata.name!;
    const code = await codeOf(api.call('update', resource, { namespace: namespaceOf(resource), name, object }));
    expect([200, 404], resource).toContain(code);
    return code === 200;
  });
  const group = 'rbac.authorization.k8s.io/v1';
  expect(creating).toEqual([
    '/v1/endpoints',
    '/v1/events',
    '/v1/limitranges',
    '/v1/services',
    'coordination.k8s.io/v1/leases',
    'node.k8s.io/v1/runtimeclasses',
    ...['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'].map((name) => `${group}/${name}`),
  ]);
});

test('some kinds are never overwritten unseen', async () => {
  const careful = await kinds(manifestResources, async (api, resource) => {
    const made = await create(api, resource);
    const { resourceVersion: _, ...metadata } = made.metadata;
    const object = { ...made, metadata };
    const call = api.call('update', resource, { namespace: namespaceOf(resource), name: metadata.name!, object });
    const code = await codeOf(call);
    expect([200, 422], resource).toContain(code);
    return code === 422;
  });
  const group = 'admissionregistration.k8s.io/v1';
  expect(careful).toEqual([
    `${group}/mutatingadmissionpolicies`,
    `${group}/mutatingadmissionpolicybindings`,
    `${group}/mutatingwebhookconfigurations`,
    `${group}/validatingadmissionpolicies`,
    `${group}/validatingadmissionpolicybindings`,
    `${group}/validatingwebhookconfigurations`,
    'apiextensions.k8s.io/v1/customresourcedefinitions',
    'apiregistration.k8s.io/v1/apiservices',
    'coordination.k8s.io/v1/leases',
    'node.k8s.io/v1/runtimeclasses',
    'policy/v1/poddisruptionbudgets',
    'storage.k8s.io/v1/csidrivers',
    'storage.k8s.io/v1/csinodes',
    'storage.k8s.io/v1/csistoragecapacities',
    'storage.k8s.io/v1/volumeattachments',
  ]);
});

test('who leaves the dependents alone, and who has none', async () => {
  const after = async (api: TestApi, resource: string, options: object) => {
    const { object } = manifest(resource);
    await create(api, resource, { ...object, metadata: { ...object.metadata, finalizers: ['example.com/f'] } });
    const where = { namespace: namespaceOf(resource), name: object.metadata.name! };
    await api.call('delete', resource, { ...where, options });
    return (await api.call('get', resource, where)).metadata.finalizers ?? [];
  };
  const orphaning = await kinds(manifestResources, async (api, resource) =>
    (await after(api, resource, {})).includes('orphan'),
  );
  expect(orphaning).toEqual(['/v1/replicationcontrollers', 'batch/v1/jobs']);
  const alone = await kinds(
    manifestResources,
    async (api, resource) =>
      !(await after(api, resource, { propagationPolicy: 'Foreground' })).includes('foregroundDeletion'),
  );
  expect(alone).toEqual(['/v1/events']);
});

test('a generation is counted for most kinds that have a status', async () => {
  const without = await kinds(withStatus, async (api, resource) => {
    const made = await create(api, resource);
    expect([undefined, 1], resource).toContain(made.metadata.generation);
    const reported = await patchTo(api, resource, made, { status: manifest(resource).status }, 'status');
    expect(reported.metadata.generation, resource).toBe(made.metadata.generation);
    return made.metadata.generation === undefined;
  });
  expect(without).toEqual([
    '/v1/namespaces',
    '/v1/nodes',
    '/v1/persistentvolumeclaims',
    '/v1/persistentvolumes',
    '/v1/resourcequotas',
    '/v1/services',
    'apiregistration.k8s.io/v1/apiservices',
    'autoscaling/v2/horizontalpodautoscalers',
    'networking.k8s.io/v1/servicecidrs',
    'resource.k8s.io/v1/resourceclaims',
    'storage.k8s.io/v1/volumeattachments',
  ]);
});

test('each endpoint writes its half; whose metadata a status write changes', async () => {
  const open = await kinds(withStatus, async (api, resource) => {
    const { object, status } = manifest(resource);
    const made = await create(api, resource, { ...object, status });
    if (resource === '/v1/nodes') expect(made['status'], resource).toMatchObject(status!);
    // A new namespace is active in any case.
    else if (resource !== '/v1/namespaces') expect(made['status'] ?? {}, resource).not.toMatchObject(status!);
    const unwritten = await patchTo(api, resource, made, { status });
    expect(unwritten['status'], resource).toEqual(made['status']);
    const written = await patchTo(api, resource, made, { status }, 'status');
    expect(written['status'], resource).toMatchObject(status!);
    const metadata = { labels: { l: 'x' }, annotations: { a: 'x' }, finalizers: ['example.com/f'] };
    const labelled = await patchTo(api, resource, made, { metadata, spec: { anything: 1 } }, 'status');
    expect(labelled['spec'], resource).toEqual(made['spec']);
    if (resource === 'apps/v1/deployments') {
      expect(labelled.metadata).toMatchObject({ annotations: metadata.annotations, finalizers: metadata.finalizers });
      expect(labelled.metadata.labels).toBeUndefined();
      return false;
    }
    if (labelled.metadata.labels?.['l'] === undefined) {
      for (const field of ['annotations', 'finalizers'] as const)
        expect(labelled.metadata[field], resource).toEqual(made.metadata[field]);
      return false;
    }
    expect(labelled.metadata.annotations, resource).toMatchObject(metadata.annotations);
    expect(labelled.metadata.finalizers, resource).toEqual(metadata.finalizers);
    return true;
  });
  expect(open).toEqual([
    '/v1/namespaces',
    '/v1/nodes',
    '/v1/persistentvolumeclaims',
    '/v1/persistentvolumes',
    '/v1/pods',
    '/v1/replicationcontrollers',
    '/v1/resourcequotas',
    '/v1/services',
    'apps/v1/daemonsets',
    'apps/v1/replicasets',
    'apps/v1/statefulsets',
    'autoscaling/v2/horizontalpodautoscalers',
    'batch/v1/cronjobs',
    'batch/v1/jobs',
    'networking.k8s.io/v1/ingresses',
    'policy/v1/poddisruptionbudgets',
  ]);
});

test('appliers own what their endpoint keeps', async () => {
  await using api = await apiServer();
  for (const resource of withStatus) {
    const { object, status } = manifest(resource);
    const name = object.metadata.name!;
    const { apiVersion, kind } = kindOf.get(resource)!;
    const body = { ...object, apiVersion, kind, status, metadata: { ...object.metadata, labels: { l: 'x' } } };
    const ask = (subresource: string, fieldManager: string) =>
      api.call<KubeObject>('patch', resource, {
        namespace: namespaceOf(resource),
        name,
        patch: { type: 'apply', body },
        options: { fieldManager },
        ...(subresource && { subresource }),
      });
    await ask('', 'main');
    const applied = await ask('status', 'reporter');
    const fields = (manager: string) => {
      const entries: readonly ManagedFieldsEntry[] = applied.metadata.managedFields ?? [];
      return Object.keys(entries.find((entry) => entry.manager === manager)?.fieldsV1 ?? {}).sort();
    };
    expect(fields('main'), resource).not.toContain('f:status');
    expect(fields('reporter'), resource).not.toContain('f:spec');
    expect(fields('reporter'), resource).toContain('f:status');
  }
});

test('nobody marks an object as deleted but a delete', async () => {
  await using api = await apiServer();
  const made = await create(api, '/v1/configmaps');
  const body = { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } };
  await expect(patchTo(api, '/v1/configmaps', made, body)).rejects.toMatchObject({
    status: {
      code: 422,
      message:
        'ConfigMap "a" is invalid: metadata.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable',
    },
  });
});

test('a dry run of any write of any kind shows the result and keeps nothing', async () => {
  await using api = await apiServer();
  for (const resource of manifestResources) {
    const { object } = manifest(resource);
    const where = { namespace: namespaceOf(resource), name: object.metadata.name! };
    const revision = api.store.revision;
    const dry = { ...where, options: { dryRun: true } };
    const shown = await api.call('create', resource, { ...dry, object });
    expect(shown.metadata.uid, resource).toBeDefined();
    expect(api.store.revision, resource).toBe(revision);
    await expect(api.call('get', resource, where), resource).rejects.toMatchObject({ status: { code: 404 } });
    const made = await create(api, resource);
    const now = api.store.revision;
    const annotations = { dry: 'yes' };
    const updated = await api.call('update', resource, {
      ...dry,
      object: {
        ...made,
        metadata: { ...made.metadata, annotations: { ...made.metadata.annotations, ...annotations } },
      },
    });
    expect(updated.metadata.annotations, resource).toMatchObject(annotations);
    const patch = { type: 'merge', body: { metadata: { annotations } } } as const;
    expect((await api.call('patch', resource, { ...dry, patch })).metadata.annotations).toMatchObject(annotations);
    if (resource !== '/v1/namespaces') await api.call('deletecollection', resource, { ...dry, name: '' });
    await api.call('delete', resource, dry);
    expect(api.store.revision, resource).toBe(now);
    expect(await api.call('get', resource, where), resource).toEqual(made);
  }
});

test('who means another object of the same name is told so', async () => {
  await using api = await apiServer();
  const fails = (call: Promise<unknown>) =>
    call.then(
      () => 'nothing',
      (error: Error) => error.message,
    );
  const made = await api.call('create', 'configmaps', { object: { metadata: { name: 'm' } } });
  const other = { metadata: { name: 'm', uid: 'x' } };
  const { uid } = made.metadata;
  const said = `Precondition failed: UID in precondition: x, UID in object meta: ${uid}`;
  const place = 'StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/m, ResourceVersion: 0';
  expect(await fails(api.call('update', 'configmaps', { name: 'm', object: other }))).toBe(
    `Operation cannot be fulfilled on configmaps "m": ${place}, AdditionalErrorMsg: ${said}`,
  );
  for (const type of ['merge', 'apply'] as const) {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', ...other };
    const options = { fieldManager: 'me', ...(type === 'apply' && { force: true }) };
    expect(await fails(api.call('patch', 'configmaps', { name: 'm', patch: { type, body }, options }))).toBe(
      'ConfigMap "m" is invalid: metadata.uid: Invalid value: "x": field is immutable',
    );
  }
  const remove = (resource: string, name: string, preconditions: object) =>
    fails(
      api.call('delete', resource, { name, namespace: namespaceOf(`/v1/${resource}`), options: { preconditions } }),
    );
  expect(await remove('configmaps', 'm', { resourceVersion: '1' })).toBe(
    `Operation cannot be fulfilled on ConfigMap "m": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${made.metadata.resourceVersion}). The object might have been modified`,
  );
  await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name: 'n' } } });
  expect(await remove('namespaces', 'n', { uid: 'x' })).toContain(
    'Operation cannot be fulfilled on namespaces "n": Precondition failed: UID in precondition: x, UID in object meta: ',
  );
});
