import { expect, test } from 'vitest';
import type { FlowSchema } from '../../../../src/api/types/flowcontrol-v1.gen.ts';
import { flowOrder } from '../../../../src/apiserver/flowcontrol/flow-order.ts';
import { isSubject, ruleMatches } from '../../../../src/apiserver/flowcontrol/matching.ts';
import { requestInfo } from '../../../../src/apiserver/request-info.ts';
import { bootstrapLevels, bootstrapSchemas } from '../../../../src/resources/flowcontrol/bootstrap.ts';

const account = (namespace: string, name: string) => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});
const node = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const manager = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };
const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const nobody = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const order = flowOrder(bootstrapSchemas, bootstrapLevels);

function belongsTo(user: { name: string; groups: string[] }, method: string, path: string): string | undefined {
  const info = requestInfo(method, path, () => false);
  const rulesOf = ({ spec }: FlowSchema) => spec!.rules!.filter((r) => r.subjects.some((s) => isSubject(user, s)));
  return order.find(({ schema }) => rulesOf(schema).some((rule) => ruleMatches(rule, info)))?.schema.metadata.name;
}

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

test.each([
  ['exempt', admin, 'GET', '/api/v1/pods'],
  ['exempt', admin, 'GET', '/healthz'],
  ['probes', nobody, 'GET', '/readyz'],
  ['probes', nobody, 'GET', '/readyz/ping'],
  ['global-default', nobody, 'GET', '/version'],
  ['global-default', nobody, 'POST', '/readyz'],
  ['system-leader-election', manager, 'PUT', `${leases}/kube-controller-manager`],
  ['kube-controller-manager', manager, 'GET', leases],
  ['system-node-high', node, 'PATCH', '/api/v1/nodes/n1/status'],
  ['system-node-high', node, 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1'],
  ['system-nodes', node, 'PATCH', '/api/v1/namespaces/a/pods/p/status'],
  ['kube-system-service-accounts', account('kube-system', 'job-controller'), 'GET', '/api/v1/pods'],
  ['service-accounts', account('kube-system-2', 'x'), 'GET', '/api/v1/pods'],
  ['global-default', { name: 'jane', groups: ['system:authenticated'] }, 'GET', '/api/v1/pods'],
])('the request belongs to %s', (schema, user, method, path) => {
  expect(belongsTo(user, method, path)).toBe(schema);
});

test('a schema without a priority level does not count, mandatory ones do without being stored', () => {
  const lonely: FlowSchema = {
    metadata: { name: 'lonely' },
    spec: { priorityLevelConfiguration: { name: 'nowhere' }, matchingPrecedence: 5 },
  };
  const found: FlowSchema = {
    metadata: { name: 'found' },
    spec: { priorityLevelConfiguration: { name: 'catch-all' }, matchingPrecedence: 5 },
  };
  expect(flowOrder([lonely, found], []).map(({ schema }) => schema.metadata.name)).toEqual([
    'exempt',
    'found',
    'catch-all',
  ]);
});
