import { expect, test } from 'vitest';
import { create, definition, refusals, set, update, updateSubresource } from './rules-kit.ts';

const keyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

test('stringData goes into data', () => {
  const { object, errors } = create('secrets', 'data: {a: YQ==}\nstringData: {b: "ü", a: x}');
  expect(errors).toEqual([]);
  expect(object).toEqual({
    metadata: { name: 'a', namespace: 'default' },
    type: 'Opaque',
    data: { a: 'eA==', b: 'w7w=' },
  });
});

test.each<[string, string, string, string[]]>([
  ['key', 'configmaps', 'data: {"a b": x}', [`data[a b]: Invalid value: "a b": ${keyText}`]],
  ['key ..', 'configmaps', 'data: {"..": x}', ['data[..]: Invalid value: "..": must not be \'..\'']],
  [
    'key in both',
    'configmaps',
    'data: {a: x}\nbinaryData: {a: eA==}',
    ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  ],
  [
    'too long',
    'configmaps',
    `data: {a: ${'x'.repeat(1024 * 1024 + 1)}}`,
    ['[]: Too long: may not be more than 1048576 bytes'],
  ],
  ['key', 'secrets', 'data: {"a/b": eA==}', [`data[a/b]: Invalid value: "a/b": ${keyText}`]],
  ['tls', 'secrets', 'type: kubernetes.io/tls\ndata: {tls.crt: ""}', ['data[tls.key]: Required value']],
  [
    'basic auth',
    'secrets',
    'type: kubernetes.io/basic-auth',
    ['data[username]: Required value', 'data[password]: Required value'],
  ],
  ['ssh', 'secrets', 'type: kubernetes.io/ssh-auth', ['data[ssh-privatekey]: Required value']],
  ['docker config', 'secrets', 'type: kubernetes.io/dockerconfigjson', ['data[.dockerconfigjson]: Required value']],
  [
    'docker config is JSON',
    'secrets',
    'type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: x}',
    [
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
    ],
  ],
  [
    'account token',
    'secrets',
    'type: kubernetes.io/service-account-token',
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  [
    'role without verbs',
    'roles/rbac.authorization.k8s.io',
    'rules: [{apiGroups: [""], resources: [pods]}]',
    ['rules[0].verbs: Required value: verbs must contain at least one value'],
  ],
  [
    'role of URLs',
    'roles/rbac.authorization.k8s.io',
    'rules: [{verbs: [get], nonResourceURLs: [/x]}]',
    ['rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'],
  ],
  [
    'rule without resources',
    'clusterroles/rbac.authorization.k8s.io',
    'rules: [{verbs: [get]}]',
    [
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ],
  ],
  [
    'aggregation of nothing',
    'clusterroles/rbac.authorization.k8s.io',
    'aggregationRule: {}',
    [
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ],
  ],
  [
    'binding of a role',
    'clusterrolebindings/rbac.authorization.k8s.io',
    'roleRef: {kind: Role, name: r}',
    ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  ],
  [
    'account without namespace',
    'clusterrolebindings/rbac.authorization.k8s.io',
    'roleRef: {kind: ClusterRole, name: r}\nsubjects: [{kind: ServiceAccount, name: s}]',
    ['subjects[0].namespace: Required value'],
  ],
  [
    'subject kind',
    'rolebindings/rbac.authorization.k8s.io',
    'roleRef: {kind: Role, name: r}\nsubjects: [{kind: Robot, name: s}]',
    ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
  ],
  [
    'lease',
    'leases/coordination.k8s.io',
    'spec: {leaseDurationSeconds: 0, leaseTransitions: -1}',
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'finalizer',
    'namespaces',
    'spec: {finalizers: [x]}',
    ['spec.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified'],
  ],
  [
    'taint',
    'nodes',
    'spec: {taints: [{key: a, effect: X}]}',
    [
      'metadata.taints[0].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  [
    'taint twice',
    'nodes',
    'spec: {taints: [{key: a, effect: NoExecute}, {key: a, value: b, effect: NoExecute}]}',
    [
      'metadata.taints[1]: Duplicate value: {"key":"a","value":"b","effect":"NoExecute"}: taints must be unique by key and effect pair',
    ],
  ],
  [
    'pod range',
    'nodes',
    'spec: {podCIDRs: [x]}',
    ['spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ],
  [
    'slice type',
    'endpointslices/discovery.k8s.io',
    'addressType: X\nendpoints: []',
    ['addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  [
    'slice address',
    'endpointslices/discovery.k8s.io',
    'addressType: IPv4\nendpoints: [{addresses: ["::1"]}, {addresses: []}]',
    [
      'endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address',
      'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'endpoints[1].addresses: Required value: must contain at least 1 address',
    ],
  ],
  [
    'slice ports',
    'endpointslices/discovery.k8s.io',
    'addressType: IPv4\nendpoints: []\nports: [{port: 1}, {port: 2}]',
    ['ports[1].name: Duplicate value: ""'],
  ],
  [
    'endpoints',
    'endpoints',
    'subsets: [{ports: [{port: 0}]}, {addresses: [{ip: 169.254.1.1}]}]',
    [
      'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'subsets[1].addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
  ],
])('refused: %s of %s', (_, name, yaml, expected) => {
  expect(refusals(name, yaml)).toEqual(expected);
});

test.each<[string, string]>([
  ['secrets', 'type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: "{}"}'],
  ['secrets', 'type: kubernetes.io/tls\nstringData: {tls.crt: x, tls.key: y}'],
  [
    'rolebindings/rbac.authorization.k8s.io',
    'roleRef: {kind: ClusterRole, name: "system:x"}\nsubjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s}]',
  ],
  [
    'endpointslices/discovery.k8s.io',
    'addressType: FQDN\nendpoints: [{addresses: [a.example.com]}]\nports: [{port: 1}]',
  ],
  ['nodes', 'spec: {podCIDR: 10.0.0.0/24, taints: [{key: a, effect: NoSchedule}]}'],
])('accepted: %s', (name, yaml) => {
  expect(refusals(name, yaml)).toEqual([]);
});

test.each(['configmaps', 'secrets'])('immutable %s stay as they are', (name) => {
  const errors = update(name, 'immutable: true\ndata: {a: eA==}', (o) => {
    set(o, 'immutable', undefined);
    set(o, 'data.a', 'eQ==');
  });
  const text = 'Forbidden: field is immutable when `immutable` is set';
  expect(errors).toEqual([`immutable: ${text}`, `data: ${text}`]);
});

test('the type of a secret never changes', () => {
  expect(update('secrets', 'type: a', (o) => set(o, 'type', 'b'))).toEqual([
    'type: Invalid value: "b": field is immutable',
  ]);
});

test('a binding never changes its role', () => {
  const errors = update('rolebindings/rbac.authorization.k8s.io', 'roleRef: {kind: Role, name: r}', (o) =>
    set(o, 'roleRef.name', 's'),
  );
  expect(errors).toEqual([
    'roleRef: Invalid value: {"kind":"Role","name":"s","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef',
  ]);
});

test('a namespace is born with its label, finalizer and phase', () => {
  const { object } = create('namespaces', 'metadata: {name: x}');
  expect(object).toMatchObject({
    metadata: { labels: { 'kubernetes.io/metadata.name': 'x' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
});

test('finalizers of a namespace change through finalize alone', () => {
  const yaml = 'metadata: {name: x}';
  const drop = (o: Parameters<typeof set>[0]) => set(o, 'spec.finalizers', []);
  expect(update('namespaces', yaml, drop)).toEqual([]);
  expect(updateSubresource('namespaces', 'finalize', yaml, drop).object['spec']).toEqual({ finalizers: [] });
});

test('the phase of a namespace follows its deletion', () => {
  const { errors } = updateSubresource('namespaces', 'status', 'metadata: {name: x}', (o) =>
    set(o, 'status.phase', 'Terminating'),
  );
  expect(errors).toEqual([
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ]);
});

test('a node keeps its pod range', () => {
  const errors = update('nodes', 'spec: {podCIDR: 10.0.0.0/24}', (o) => {
    set(o, 'spec.podCIDR', '10.0.1.0/24');
    set(o, 'spec.podCIDRs', ['10.0.1.0/24']);
  });
  expect(errors).toEqual(['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid']);
});

test.each([
  ['services', 'Web', false],
  ['services', '1web', true],
  ['services', 'a.b', false],
  ['services', 'web-1', true],
  ['namespaces', 'a.b', false],
  ['roles/rbac.authorization.k8s.io', 'system:x', true],
  ['roles/rbac.authorization.k8s.io', 'a/b', false],
])('a name in %s: %s', (name, value, good) => {
  expect(definition(name).validateName!(value, false).length === 0).toBe(good);
});
