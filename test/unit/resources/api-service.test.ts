import { expect, test } from 'vitest';
import { create, refusals, updateSubresource } from './rules-kit.ts';

const services = 'apiservices/apiregistration.k8s.io';
const priorities = 'groupPriorityMinimum: 1000, versionPriority: 15';
const named = (name: string, spec: string) => `{metadata: {name: ${name}}, spec: {${spec}}}`;

test('a group that is served here is available at once', () => {
  const { object, errors } = create(services, named('v1.', `version: v1, ${priorities}`));
  expect(errors).toEqual([]);
  expect(object['status']).toEqual({
    conditions: [
      {
        type: 'Available',
        status: 'True',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        reason: 'Local',
        message: 'Local APIServices are always available',
      },
    ],
  });
});

test('a group of another server waits to be found', () => {
  const spec = `group: metrics.k8s.io, version: v1beta1, ${priorities}, service: {namespace: a, name: b}, insecureSkipTLSVerify: true`;
  const { object, errors } = create(services, named('v1beta1.metrics.k8s.io', spec));
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ spec: { service: { port: 443 } }, status: {} });
});

test.each<[string, string, string[]]>([
  [
    'another name',
    named('v2.a.b', `group: a.b, version: v1, ${priorities}`),
    ['metadata.name: Invalid value: "v2.a.b": must be `spec.version+"."+spec.group`: "v1.a.b"'],
  ],
  [
    'a version without a group',
    named('v2.', `version: v2, ${priorities}`),
    ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
  ],
  [
    'priorities out of bounds',
    named('v1.a.b', 'group: a.b, version: v1, groupPriorityMinimum: 20001, versionPriority: 0'),
    [
      'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
    ],
  ],
  [
    'trust in itself',
    named('v1.a.b', `group: a.b, version: v1, ${priorities}, caBundle: YWJj, insecureSkipTLSVerify: true`),
    [
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
  [
    'a server nowhere, trusted and not',
    named(
      'v1.a.b',
      `group: a.b, version: v1, ${priorities}, service: {port: 0}, caBundle: YWJj, insecureSkipTLSVerify: true`,
    ),
    [
      'spec.service.namespace: Required value',
      'spec.service.name: Required value',
      'spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
    ],
  ],
])('an APIService is refused for %s', (_, yaml, expected) => {
  expect(refusals(services, yaml)).toEqual(expected);
});

test('whether it is available is yes, no or unknown', () => {
  const { errors } = updateSubresource(services, 'status', named('v1.', `version: v1, ${priorities}`), (object) => {
    object['status'] = { conditions: [{ type: 'Available', status: 'Maybe' }] };
  });
  expect(errors).toEqual([
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
  ]);
});
