import { expect, test } from 'vitest';
import { create } from './rules-kit.ts';

const group = 'admissionregistration.k8s.io';
const hook =
  'webhooks: [{name: a.b.c, clientConfig: {service: {namespace: x, name: y}}, rules: [{operations: [CREATE]}], sideEffects: None, admissionReviewVersions: [v1]}]';
const hookDefaults = {
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
  clientConfig: { service: { port: 443 } },
  rules: [{ scope: '*' }],
};
const match = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, resourceRules: [{ scope: '*' }] };

test.each<[string, string, object]>([
  ['validatingwebhookconfigurations', hook, { webhooks: [hookDefaults] }],
  ['mutatingwebhookconfigurations', hook, { webhooks: [{ ...hookDefaults, reinvocationPolicy: 'Never' }] }],
  [
    'validatingadmissionpolicies',
    'spec: {matchConstraints: {resourceRules: [{operations: ["*"]}]}}',
    { spec: { failurePolicy: 'Fail', matchConstraints: match } },
  ],
  [
    'validatingadmissionpolicybindings',
    'spec: {matchResources: {resourceRules: [{operations: ["*"]}]}}',
    { spec: { matchResources: match } },
  ],
])('defaults of %s', (resource, yaml, expected) => {
  expect(create(`${resource}/${group}`, yaml).object).toMatchObject(expected);
});

test('defaults of a storage driver', () => {
  expect(create('csidrivers/storage.k8s.io', 'spec: {attachRequired: false}').object).toMatchObject({
    spec: {
      attachRequired: false,
      podInfoOnMount: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
    },
  });
});
