import { expect, test } from 'vitest';
import { kindFacts } from '../../../../src/api/facts.ts';
import { deepFreeze, type KubeObject } from '../../../../src/api/object.ts';
import { applyPatch, type PatchDocument, parsePatch } from '../../../../src/api/patch/apply-patch.ts';
import type { StatusError } from '../../../../src/api/status.ts';

const target = { group: 'apps', version: 'v1', kind: 'Deployment', type: kindFacts('apps', 'v1', 'Deployment')! };
const current = deepFreeze({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', resourceVersion: '5' },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'c', image: 'a' }] } } },
}) as unknown as KubeObject;

const status = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as StatusError).status;
  }
  throw new Error('not refused');
};

test('the three kinds of patch give a canonical private object', () => {
  const patches: PatchDocument[] = [
    { type: 'json', body: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'b' }] },
    { type: 'merge', body: { spec: { template: { spec: { containers: [{ name: 'c', image: 'b' }] } } } } },
    { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'c', image: 'b' }] } } } } },
  ];
  for (const patch of patches) {
    const { object } = applyPatch(current, patch, target);
    expect(object['spec']).toEqual({
      replicas: 1,
      strategy: {},
      template: { metadata: {}, spec: { containers: [{ name: 'c', image: 'b', resources: {} }] } },
    });
  }
});

test('findings of a patch are told by its kind', () => {
  const found = (type: 'json' | 'merge' | 'strategic', text: string) =>
    applyPatch(current, parsePatch(type, Buffer.from(text)), target, 'Warn').warnings;
  const op = '{"op":"add","op":"add","path":"/spec/paused","value":true,"why":1,"from":""}';
  const labels = '{"op":"add","path":"/metadata/labels","value":{"a":"1","a":"2"}}';
  expect(found('json', `[${op},${labels}]`)).toEqual([
    'json patch duplicate field "[0].op"',
    'json patch unknown field "[0].why"',
    'json patch duplicate field "[1].value.a"',
  ]);
  const spec = '{"spec":{"zzz":1,"paused":true,"paused":false,"aaa":1}}';
  const expected = ['duplicate field "spec.paused"', 'unknown field "spec.aaa"', 'unknown field "spec.zzz"'];
  expect(found('merge', spec)).toEqual(expected);
  expect(found('strategic', spec)).toEqual(expected);
});

test('refusals are those of a server', () => {
  expect(status(() => parsePatch('merge', Buffer.from('{')))).toMatchObject({ code: 400, reason: 'BadRequest' });
  expect(
    status(() => applyPatch(current, { type: 'json', body: [{ op: 'remove', path: '/x' }] }, target)),
  ).toMatchObject({
    code: 422,
    message: 'the server rejected our request due to an error in our request',
    details: { causes: [{ message: 'Unable to remove nonexistent key: x: missing value' }] },
  });
  expect(status(() => applyPatch(current, { type: 'merge', body: { spec: { replicas: 'x' } } }, target))).toMatchObject(
    {
      code: 422,
      details: { causes: [{ field: 'patch', reason: 'FieldValueInvalid' }] },
      message: expect.stringContaining(
        'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
      ),
    },
  );
  const strict = () =>
    applyPatch(current, parsePatch('strategic', Buffer.from('{"spec":{"a":1,"a":2}}')), target, 'Strict');
  expect(status(strict).message).toContain('strict decoding error: duplicate field "spec.a", unknown field "spec.a"');
  expect(status(() => applyPatch(current, { type: 'merge', body: { kind: 'Pod' } }, target))).toMatchObject({
    code: 400,
  });
  const hostile = JSON.parse('[{"op":"add","path":"/spec/x","value":[{"__proto__":{"polluted":1}}]}]');
  expect(status(() => applyPatch(current, { type: 'json', body: hostile }, target))).toMatchObject({ code: 400 });
  expect({}).not.toHaveProperty('polluted');
});

// Source: apimachinery runtime/converter.go, through which upstream puts the result of a strategic patch into form.
test.each([
  [{ metadata: { labels: 'x' } }, 'cannot restore map from string'],
  [{ metadata: { labels: { a: 5 } } }, 'cannot convert int64 to string'],
  [{ metadata: { labels: { a: true } } }, 'unrecognized type: string'],
  [{ spec: 'x' }, 'cannot restore struct from: string'],
  [{ spec: { template: { spec: { containers: 5 } } } }, 'cannot restore slice from int64'],
  [{ spec: { template: { spec: { restartPolicy: 5 } } } }, 'cannot convert int64 to v1.RestartPolicy'],
  [{ spec: { replicas: 'x' } }, 'unrecognized type: int32'],
  [{ spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
  [{ spec: { paused: 'x' } }, 'unrecognized type: bool'],
])('a strategic patch of %j is refused as the converter words it', (body, why) => {
  const refused = status(() => applyPatch(current, { type: 'strategic', body }, target));
  expect(refused).toMatchObject({ code: 422, message: expect.stringMatching(new RegExp(`: ${why}$`)) });
});

test('entries of field managers are shared unless a patch reaches into them', () => {
  const managedFields = [
    { manager: 'a', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: {} },
  ];
  const managed = deepFreeze({ ...current, metadata: { ...current.metadata, managedFields } }) as KubeObject;
  const patched = (patch: PatchDocument) => applyPatch(managed, patch, target).object.metadata.managedFields;
  const deep = { op: 'replace', path: '/metadata/managedFields/0/manager', value: 'b' };
  expect(patched({ type: 'merge', body: { spec: { replicas: 2 } } })).toBe(managed.metadata.managedFields);
  expect(patched({ type: 'json', body: [deep] })).toMatchObject([{ manager: 'b' }]);
  expect(
    patched({
      type: 'json',
      body: [{ op: 'move', from: '/metadata/managedFields', path: '/metadata/managedFields' }, deep],
    }),
  ).toMatchObject([{ manager: 'b' }]);
  expect(patched({ type: 'json', body: [{ op: 'remove', path: '/metadata/managedFields' }] })).toBeUndefined();
  expect(patched({ type: 'merge', body: { metadata: { managedFields: [] } } })).toEqual([]);
  expect(patched({ type: 'strategic', body: { metadata: { managedFields: [{}] } } })).toEqual([{}]);
});
