import { expect, test } from 'vitest';
import type { AdmissionOperation, AdmissionRequest } from '../../../../../src/apiserver/admission/admission.ts';
import { type Criteria, Matcher } from '../../../../../src/apiserver/admission/matching/matcher.ts';
import type { Rule } from '../../../../../src/apiserver/admission/matching/rules.ts';
import { ServedTable } from '../../../../../src/apiserver/registry/served.ts';
import { SystemClock } from '../../../../../src/base/clock.ts';
import { SystemIds } from '../../../../../src/base/ids.ts';
import { createMemoryStore } from '../../../../../src/store/memory-store.ts';
import { write } from '../../../../kit/admission-request.ts';

const served = ServedTable.builtIn();
const store = createMemoryStore({ clock: new SystemClock(), ids: new SystemIds() });
await store.create({ resource: 'namespaces', namespace: '', name: 'default' }, {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'default', uid: 'u', labels: { env: 'test' } },
} as never);

const all: Rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: '*' };
const rule = (more: Partial<Rule>): Rule => ({ ...all, ...more });

/** "group/version" of what a write is shown as; undefined when it is of no concern. */
function shown(criteria: Partial<Criteria>, request: AdmissionRequest): string | undefined {
  const found = new Matcher({ rules: [all], ...criteria }).match(request, { store, served });
  return found && `${found.apiVersion}/${found.resource}`;
}

test.each<[string, Partial<Rule>, AdmissionOperation, string, boolean]>([
  ['everything', {}, 'CREATE', 'v1/pods', true],
  ['an operation that is named', { operations: ['CREATE', 'UPDATE'] }, 'UPDATE', 'v1/pods', true],
  ['another operation', { operations: ['CREATE', 'UPDATE'] }, 'DELETE', 'v1/pods', false],
  ['the core group', { apiGroups: [''] }, 'CREATE', 'v1/pods', true],
  ['another group', { apiGroups: ['apps'] }, 'CREATE', 'v1/pods', false],
  ['another version', { apiVersions: ['v2'] }, 'CREATE', 'v1/pods', false],
  ['a resource', { resources: ['pods'] }, 'CREATE', 'v1/pods', true],
  ['a resource, without its subresources', { resources: ['pods'] }, 'CREATE', 'v1/pods:binding', false],
  ['a star, without subresources', { resources: ['*'] }, 'CREATE', 'v1/pods:binding', false],
  ['a star, of resources', { resources: ['*'] }, 'CREATE', 'v1/pods', true],
  ['a subresource', { resources: ['pods/exec'] }, 'CONNECT', 'v1/pods:exec', true],
  ['all subresources, and the resource', { resources: ['pods/*'] }, 'CREATE', 'v1/pods', true],
  ['all of another', { resources: ['services/*'] }, 'CREATE', 'v1/pods', false],
  ['a subresource of all', { resources: ['*/scale'] }, 'UPDATE', 'apps/v1/deployments:scale', true],
  ['a subresource of all, not all', { resources: ['*/scale'] }, 'UPDATE', 'apps/v1/deployments', false],
  ['no resource', { resources: [] }, 'CREATE', 'v1/pods', false],
  ['namespaced ones', { scope: 'Namespaced' }, 'CREATE', 'v1/pods', true],
  ['namespaced ones, not nodes', { scope: 'Namespaced' }, 'CREATE', 'v1/nodes', false],
  ['those of the cluster', { scope: 'Cluster' }, 'CREATE', 'v1/nodes', true],
  ['those of the cluster, namespaces too', { scope: 'Cluster' }, 'DELETE', 'v1/namespaces', true],
  ['those of the cluster, not pods', { scope: 'Cluster' }, 'CREATE', 'v1/pods', false],
  ['a name', { resourceNames: ['it'] }, 'CREATE', 'v1/pods', true],
  ['another name', { resourceNames: ['that'] }, 'CREATE', 'v1/pods', false],
])('a rule names %s', (_, more, operation, path, expected) => {
  const request = write(served, operation, path, { object: { metadata: { name: 'it' } } as never });
  expect(shown({ rules: [rule(more)] }, request) !== undefined).toBe(expected);
});

test.each<[string, Partial<Criteria>, string, string | undefined]>([
  [
    'exactly what was asked for',
    { matchPolicy: 'Exact', rules: [rule({ apiVersions: ['v1'] })] },
    'autoscaling/v2/horizontalpodautoscalers',
    undefined,
  ],
  [
    'what is the same in the version it names',
    { matchPolicy: 'Equivalent', rules: [rule({ apiVersions: ['v1'] })] },
    'autoscaling/v2/horizontalpodautoscalers',
    'autoscaling/v1/horizontalpodautoscalers',
  ],
  [
    'the version that was asked for, if any rule has it',
    { matchPolicy: 'Equivalent', rules: [rule({ apiVersions: ['v1'] }), rule({ apiVersions: ['v2'] })] },
    'autoscaling/v2/horizontalpodautoscalers',
    'autoscaling/v2/horizontalpodautoscalers',
  ],
  [
    'what is the same in another group',
    { matchPolicy: 'Equivalent', rules: [rule({ apiGroups: ['events.k8s.io'] })] },
    'v1/events',
    'events.k8s.io/v1/events',
  ],
  [
    'nothing that is the same but left out in another version',
    { matchPolicy: 'Equivalent', excluded: [rule({ apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] })] },
    'autoscaling/v2/horizontalpodautoscalers',
    undefined,
  ],
  ['everything without rules', { rules: undefined }, 'v1/pods', 'v1/pods'],
  ['nothing with an empty list', { rules: [] }, 'v1/pods', undefined],
  ['all but what is left out', { rules: undefined, excluded: [rule({ resourceNames: ['it'] })] }, 'v1/pods', undefined],
])('matched is %s', (_, criteria, path, expected) => {
  expect(shown(criteria, write(served, 'CREATE', path, { object: { metadata: { name: 'it' } } as never }))).toBe(
    expected,
  );
});

const test1 = { matchLabels: { env: 'test' } };
const prod = { matchLabels: { env: 'prod' } };
const labelled = (labels?: Record<string, string>) => ({ metadata: { name: 'it', labels } }) as never;

test.each<[string, Partial<Criteria>, AdmissionRequest, boolean]>([
  ['the labels of its namespace', { namespaceSelector: test1 }, write(served, 'CREATE', 'v1/pods'), true],
  ['other labels of its namespace', { namespaceSelector: prod }, write(served, 'CREATE', 'v1/pods'), false],
  ['no namespace, being of the cluster', { namespaceSelector: prod }, write(served, 'CREATE', 'v1/nodes'), true],
  [
    'the new labels of a namespace',
    { namespaceSelector: prod },
    write(served, 'UPDATE', 'v1/namespaces', { name: 'default', object: labelled({ env: 'prod' }) }),
    true,
  ],
  [
    'the stored labels of a namespace that goes',
    { namespaceSelector: test1 },
    write(served, 'DELETE', 'v1/namespaces', { name: 'default' }),
    true,
  ],
  [
    'the labels of the new object',
    { objectSelector: prod },
    write(served, 'UPDATE', 'v1/pods', { object: labelled({ env: 'prod' }), old: labelled() }),
    true,
  ],
  [
    'the labels of the old object',
    { objectSelector: prod },
    write(served, 'UPDATE', 'v1/pods', { object: labelled(), old: labelled({ env: 'prod' }) }),
    true,
  ],
  ['no labels', { objectSelector: prod }, write(served, 'UPDATE', 'v1/pods', { object: labelled() }), false],
  [
    'no labels, having no metadata',
    { objectSelector: { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] } },
    write(served, 'CONNECT', 'v1/pods:exec', { object: { kind: 'PodExecOptions' } as never }),
    false,
  ],
])('a write is selected by %s', (_, criteria, request, expected) => {
  expect(shown(criteria, request) !== undefined).toBe(expected);
});

test('a namespace that is not there is told of only where the write is of concern', () => {
  const request = write(served, 'CREATE', 'v1/pods', { namespace: 'gone', object: labelled() });
  expect(() => shown({ namespaceSelector: test1 }, request)).toThrow('namespaces "gone" not found');
  expect(shown({ namespaceSelector: test1, rules: [] }, request)).toBeUndefined();
  expect(shown({ namespaceSelector: test1, objectSelector: prod }, request)).toBeUndefined();
  expect(shown({ namespaceSelector: {} }, request)).toBe('v1/pods');
});

test('a selector that cannot be understood is told of where the write is of concern', () => {
  const wrong = { matchExpressions: [{ key: 'a', operator: 'Near' }] };
  const request = write(served, 'CREATE', 'v1/pods', { object: labelled() });
  expect(() => shown({ objectSelector: wrong }, request)).toThrow('"Near" is not a valid label selector operator');
  expect(shown({ objectSelector: wrong, rules: [] }, request)).toBeUndefined();
});
