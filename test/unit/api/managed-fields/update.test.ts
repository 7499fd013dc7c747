import { expect, test } from 'vitest';
import { conform } from '../../../../src/api/conform.ts';
import { typeFacts } from '../../../../src/api/facts.ts';
import { updateManagedFields, type WriteOrigin } from '../../../../src/api/managed-fields/update.ts';
import type { KubeObject, ManagedFieldsEntry, Mutable } from '../../../../src/api/object.ts';

const deployment = typeFacts('apps/v1.Deployment');
const origin = (manager: string, more: Partial<WriteOrigin> = {}): WriteOrigin => ({
  type: deployment,
  apiVersion: 'apps/v1',
  manager,
  subresource: '',
  now: 0,
  ...more,
});

const web = (spec: object = {}, labels: object = { app: 'web' }) =>
  conform(
    deployment,
    structuredClone({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', uid: '1', resourceVersion: '1', labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
        },
        ...spec,
      },
    }),
  ).value as Mutable<KubeObject>;

const write = (object: Mutable<KubeObject>, old: KubeObject | undefined, by: WriteOrigin): KubeObject => {
  updateManagedFields(object, old, by);
  return object as KubeObject;
};
const fields = (object: KubeObject, manager: string) =>
  object.metadata.managedFields?.find((e) => e.manager === manager)?.fieldsV1;

test('a create owns what it set, as upstream writes it', () => {
  const created = write(web(), undefined, origin('kubectl-create'));
  expect(created.metadata.managedFields).toEqual([
    {
      manager: 'kubectl-create',
      operation: 'Update',
      apiVersion: 'apps/v1',
      time: '1970-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': {
          'f:replicas': {},
          'f:selector': {},
          'f:template': {
            'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
            'f:spec': {
              'f:containers': {
                'k:{"name":"c"}': {
                  '.': {},
                  'f:name': {},
                  'f:image': {},
                  'f:resources': {},
                  'f:ports': {
                    '.': {},
                    'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
                  },
                },
              },
            },
          },
        },
      },
    },
  ]);
});

test('a change moves a field to who changed it; what is removed nobody owns', () => {
  const created = write(web(), undefined, origin('a'));
  const scaled = write(web({ replicas: 3 }), created, origin('b', { now: 5000 }));
  expect(fields(scaled, 'b')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  expect((fields(scaled, 'a') as { 'f:spec': object })['f:spec']).not.toHaveProperty('f:replicas');
  const unlabelled = write(web({ replicas: 3 }, {}), scaled, origin('b'));
  expect(JSON.stringify(fields(unlabelled, 'a'))).not.toContain(
    'f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:selector',
  );
  expect(fields(unlabelled, 'a')).not.toHaveProperty('f:metadata');
});

test('a write that changes nothing leaves the entries and their times', () => {
  const created = write(web(), undefined, origin('a'));
  const again = write(web(), created, origin('b', { now: 9000 }));
  expect(again.metadata.managedFields).toEqual(created.metadata.managedFields);
});

test('status writes have an entry of their own', () => {
  const created = write(web(), undefined, origin('a'));
  const reported = { ...web(), status: { observedGeneration: 1 } } as Mutable<KubeObject>;
  const after = write(reported, created, origin('kube-controller-manager', { subresource: 'status' }));
  expect(after.metadata.managedFields?.map((e) => [e.manager, e.subresource])).toEqual([
    ['a', undefined],
    ['kube-controller-manager', 'status'],
  ]);
  expect(fields(after, 'kube-controller-manager')).toEqual({ 'f:status': { 'f:observedGeneration': {} } });
});

test('an empty list resets, and unmanaged objects stay unmanaged', () => {
  const created = write(web(), undefined, origin('a'));
  const reset = web({ replicas: 2 });
  reset.metadata.managedFields = [];
  const after = write(reset, created, origin('b'));
  expect(after.metadata.managedFields).toBeUndefined();
  expect(write(web({ replicas: 9 }), after, origin('c')).metadata.managedFields).toBeUndefined();
});

test('a writer may bring entries; nonsense is ignored', () => {
  const created = write(web(), undefined, origin('a'));
  const brought = web();
  brought.metadata.managedFields = [{ manager: 'x', operation: 'Nope' as 'Update' }];
  expect(write(brought, created, origin('b')).metadata.managedFields).toEqual(created.metadata.managedFields);
});

test('past ten writers the oldest are thrown together', () => {
  let object = write(web(), undefined, origin('first'));
  for (let i = 0; i < 15; i++)
    object = write(
      web({}, { app: 'web', ...Object.fromEntries(Array.from({ length: i + 1 }, (_, n) => [`l${n}`, 'x'])) }),
      object,
      origin(`m${i}`, { now: (i + 1) * 1000 }),
    );
  const managers = object.metadata.managedFields!.map((e: ManagedFieldsEntry) => e.manager);
  expect(managers).toHaveLength(10);
  expect(managers).toContain('ancient-changes');
  expect(managers).toContain('m14');
});

test('what a writer brings comes into one form, and of doubles the last counts', () => {
  const created = write(web(), undefined, origin('a'));
  const entry = (fieldsV1: object): ManagedFieldsEntry => ({
    manager: 'x',
    operation: 'Apply',
    apiVersion: 'apps/v1',
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsV1 as Record<string, unknown>,
  });
  const brought = web();
  brought.metadata.managedFields = [
    entry({ 'f:spec': { 'f:paused': {} } }),
    entry({ 'f:metadata': { 'f:annotations': { '.': {}, 'f:a': null, 'z:b': {} } } }),
  ] as never;
  const after = write(brought, created, origin('b'));
  expect(after.metadata.managedFields).toEqual([entry({ 'f:metadata': { 'f:annotations': { '.': {}, 'f:a': {} } } })]);
  const broken = web();
  broken.metadata.managedFields = [entry({ 'f:spec': { nocolon: {} } })] as never;
  expect(write(broken, created, origin('b')).metadata.managedFields).toEqual(created.metadata.managedFields);
});

test('what a subresource brings counts for nothing', () => {
  const created = write(web(), undefined, origin('a'));
  const brought = web();
  brought.metadata.managedFields = [];
  expect(write(brought, created, origin('b', { subresource: 'status' })).metadata.managedFields).toEqual(
    created.metadata.managedFields,
  );
});

test('what the endpoint resets belongs to nobody', () => {
  const reset = () => ({ exclude: { 'f:spec': { 'f:template': {} } } });
  const created = write(web(), undefined, origin('a', { reset }));
  expect(fields(created, 'a')?.['f:spec']).not.toHaveProperty('f:template');
  const only = () => ({ only: { 'f:spec': { 'f:replicas': {} } } });
  const scaled = write(web({ replicas: 4, paused: true }), created, origin('b', { reset: only }));
  expect(fields(scaled, 'b')).toEqual({ 'f:spec': { 'f:replicas': {} } });
});

test('a second throwing together joins the first', () => {
  const entry = (manager: string, second: number, field: string): ManagedFieldsEntry => ({
    manager,
    operation: 'Update',
    apiVersion: 'apps/v1',
    time: new Date(second * 1000).toISOString().replace('.000', ''),
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { [field]: {} } },
  });
  const brought = web();
  brought.metadata.managedFields = [
    entry('old', 1, 'f:paused'),
    entry('ancient-changes', 2, 'f:strategy'),
    ...Array.from({ length: 8 }, (_, i) => entry(`m${i}`, 10 + i, `f:x${i}`)),
  ] as never;
  const after = write(brought, write(web({ replicas: 2 }), undefined, origin('z')), origin('new', { now: 60_000 }));
  expect(after.metadata.managedFields).toHaveLength(10);
  expect(fields(after, 'ancient-changes')).toEqual({ 'f:spec': { 'f:paused': {}, 'f:strategy': {} } });
});
