import { expect, test } from 'vitest';
import { lastAppliedAnnotation } from '../../../../src/api/managed-fields/last-applied.ts';
import { FieldManager, thing } from '../../../kit/field-manager.ts';
import { mapOf, scalar } from '../../../kit/type-facts.ts';

const type = thing({ replicas: scalar('int32'), text: scalar(), labels: mapOf(scalar()) });
const config = { replicas: 1, text: 't', labels: { a: '1' } };
const annotated = (fields: object, apiVersion = 'v1') => ({
  name: 'x',
  annotations: {
    [lastAppliedAnnotation]: JSON.stringify({ apiVersion, kind: 'Thing', metadata: { name: 'x' }, ...fields }),
  },
});
/** An object as `kubectl apply` makes it: created with the annotation. `live` is what became of it since. */
function clientSide(fields: object, live: object = fields, apiVersion = 'v1'): FieldManager {
  const state = new FieldManager(type).update('kubectl-client-side-apply', { ...live });
  state.object = { ...state.object!, metadata: { ...state.object!.metadata, ...annotated(fields, apiVersion) } };
  return state;
}

test('kubectl takes over what client-side apply set and nobody changed since', () => {
  const state = clientSide(config).apply('kubectl', { ...config, replicas: 3 });
  expect(state.fields['replicas']).toBe(3);
});

test('what was changed since is a conflict, and only that is told', () => {
  const state = clientSide(config, { ...config, text: 'other' });
  expect(() => state.apply('kubectl', { replicas: 3, text: 'new' })).toThrow(
    'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .text',
  );
});

test('the annotation follows what is applied, for kubectl alone', () => {
  const state = clientSide(config).apply('kubectl', { replicas: 3 });
  expect(state.object!.metadata.annotations![lastAppliedAnnotation]).toBe(
    '{"apiVersion":"v1","kind":"Thing","metadata":{"name":"x"},"replicas":3}\n',
  );
  const other = clientSide(config).apply('somebody', { replicas: 1 });
  expect(JSON.parse(other.object!.metadata.annotations![lastAppliedAnnotation]!)).toMatchObject(config);
});

test.each([
  ['another manager', 'somebody', 'v1'],
  ['another version', 'kubectl', 'v2'],
])('%s has conflicts as ever', (_, manager, version) => {
  const state = clientSide(config, config, version);
  expect(() => state.apply(manager, { replicas: 3 })).toThrow('.replicas');
});

test('an annotation that nobody can read is none', () => {
  const state = clientSide(config);
  const metadata = { ...state.object!.metadata, annotations: { [lastAppliedAnnotation]: '{' } };
  state.object = { ...state.object!, metadata };
  expect(() => state.apply('kubectl', { replicas: 3 })).toThrow('.replicas');
});

test('an object without the annotation gets none', () => {
  const state = new FieldManager(type).apply('kubectl', config);
  expect(state.object!.metadata.annotations).toBeUndefined();
});

test('an annotation that would be too large is dropped', () => {
  const state = clientSide(config).apply('kubectl', { ...config, labels: { big: 'x'.repeat(300_000) } });
  expect(state.object!.metadata.annotations).not.toHaveProperty(lastAppliedAnnotation);
});
