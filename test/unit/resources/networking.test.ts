import { expect, test } from 'vitest';
import { create, refusals, set, update, updateSubresource } from './rules-kit.ts';

const ingress = (path: string) => `spec: {rules: [{http: {paths: [{${path}}]}}]}`;
const backend = 'backend: {service: {name: web, port: {number: 80}}}';
const at = 'spec.rules[0].http.paths[0]';

test.each<[string, string, string[]]>([
  ['nothing to serve', 'spec: {}', ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
  ['no path type', ingress(`path: /, ${backend}`), [`${at}.pathType: Required value: pathType must be specified`]],
  [
    'an unknown path type',
    ingress(`pathType: Glob, ${backend}`),
    [`${at}.pathType: Unsupported value: "Glob": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
  ],
  [
    'a path that climbs',
    ingress(`pathType: Prefix, path: /a/../b, ${backend}`),
    [`${at}.path: Invalid value: "/a/../b": must not contain '/../'`],
  ],
  [
    'no backend',
    ingress('pathType: Prefix, path: /'),
    [`${at}.backend: Invalid value: "": resource or service backend is required`],
  ],
  [
    'a backend without a port',
    ingress('pathType: Prefix, path: /, backend: {service: {name: web}}'),
    [`${at}.backend: Required value: port name or number is required`],
  ],
  [
    'an address as host',
    'spec: {rules: [{host: 10.0.0.1}]}',
    ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  ],
  [
    'two classes',
    `{metadata: {annotations: {kubernetes.io/ingress.class: a}}, spec: {ingressClassName: b, defaultB${backend.slice(1)}}}`,
    [
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ],
  ],
])('an ingress is refused for %s', (_, yaml, expected) => {
  expect(refusals('ingresses/networking.k8s.io', yaml)).toEqual(expected);
});

test.each([
  ['a path', ingress(`pathType: Exact, path: /a, ${backend}`)],
  ['a wildcard host', 'spec: {rules: [{host: "*.example.com"}], tls: [{hosts: ["*.example.com"], secretName: s}]}'],
  ['a resource', 'spec: {defaultBackend: {resource: {kind: Bucket, name: b, apiGroup: x.example}}}'],
])('an ingress is accepted with %s', (_, yaml) => {
  const { object, errors } = create('ingresses/networking.k8s.io', yaml);
  expect(errors).toEqual([]);
  expect(object['status']).toEqual({ loadBalancer: {} });
});

test('addresses of an ingress are ones', () => {
  const { errors } = updateSubresource(
    'ingresses/networking.k8s.io',
    'status',
    ingress(`pathType: Exact, path: /, ${backend}`),
    (object) => set(object, 'status.loadBalancer', { ingress: [{ ip: 'x' }, { hostname: '10.0.0.1' }] }),
  );
  expect(errors).toEqual([
    'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'status.loadBalancer.ingress[1].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ]);
});

test.each<[string, string, string[]]>([
  ['no controller', 'spec: {}', ['spec.controller: Required value']],
  [
    'a namespace of the cluster',
    'spec: {controller: a.b/c, parameters: {kind: K, name: n, namespace: x}}',
    ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  ],
  [
    'no namespace',
    'spec: {controller: a.b/c, parameters: {kind: K, name: n, scope: Namespace}}',
    ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ],
])('an ingress class is refused for %s', (_, yaml, expected) => {
  expect(refusals('ingressclasses/networking.k8s.io', yaml)).toEqual(expected);
});

test('the controller of an ingress class is fixed', () => {
  const change = update('ingressclasses/networking.k8s.io', 'spec: {controller: a.b/c}', (object) =>
    set(object, 'spec.controller', 'a.b/d'),
  );
  expect(change).toEqual(['spec.controller: Invalid value: "a.b/d": field is immutable']);
});

test.each([
  ['{podSelector: {}}', { podSelector: {}, policyTypes: ['Ingress'] }],
  [
    '{egress: [{ports: [{port: 53}]}]}',
    { podSelector: {}, egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }], policyTypes: ['Ingress', 'Egress'] },
  ],
  ['{policyTypes: [Egress]}', { podSelector: {}, policyTypes: ['Egress'] }],
])('defaults of a network policy %s', (spec, expected) => {
  const { object, errors } = create('networkpolicies/networking.k8s.io', `spec: ${spec}`);
  expect(errors).toEqual([]);
  expect(object['spec']).toEqual(expected);
});

test.each<[string, string, string[]]>([
  ['an empty peer', '{ingress: [{from: [{}]}]}', ['spec.ingress[0].from[0]: Required value: must specify a peer']],
  [
    'addresses and pods at once',
    '{ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}',
    ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
  ],
  [
    'an exception outside',
    '{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16, 10.1.0.0/16]}}]}]}',
    ['spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`'],
  ],
  [
    'a range of a named port',
    '{ingress: [{ports: [{port: web, endPort: 90}]}]}',
    ['spec.ingress[0].ports[0].endPort: Invalid value: 90: may not be specified when `port` is non-numeric'],
  ],
  [
    'a type that is none',
    '{policyTypes: [Both]}',
    ['spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress"'],
  ],
])('a network policy is refused for %s', (_, spec, expected) => {
  expect(refusals('networkpolicies/networking.k8s.io', `spec: ${spec}`)).toEqual(expected);
});

test('a policy keeps ranges that were taken once', () => {
  const yaml =
    'spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 010.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: 10.1.2.3/8}}]}]}';
  expect(refusals('networkpolicies/networking.k8s.io', yaml)).toEqual([
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "010.0.0.0/8": must not have leading 0s in IP or prefix length',
    'spec.egress[0].to[1].ipBlock.cidr: Invalid value: "10.1.2.3/8": must not have bits set beyond the prefix length',
  ]);
  expect(
    update('networkpolicies/networking.k8s.io', yaml, (object) => set(object, 'spec.policyTypes', ['Egress'])),
  ).toEqual([]);
});
