import { expect, test } from 'vitest';
import { create, refusals, set, update } from './rules-kit.ts';

const web = 'spec: {selector: {app: web}, ports: [{port: 80}]}';
const of = (fields: string) => `spec: {ports: [{port: 80}], selector: {app: web}, ${fields}}`;

test('defaults of a service', () => {
  const { object, errors } = create('services', web);
  expect(errors).toEqual([]);
  expect(object['spec']).toEqual({
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    selector: { app: 'web' },
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
  });
  expect(object['status']).toEqual({ loadBalancer: {} });
});

test.each<[string, Record<string, unknown>]>([
  ['type: NodePort', { externalTrafficPolicy: 'Cluster' }],
  ['type: LoadBalancer', { externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true }],
  ['externalIPs: [1.2.3.4]', { externalTrafficPolicy: 'Cluster' }],
  ['sessionAffinity: ClientIP', { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } }],
  ['clusterIP: None', { clusterIPs: ['None'] }],
  ['clusterIP: 10.96.0.9', { clusterIPs: ['10.96.0.9'] }],
])('defaults with %s', (fields, expected) => {
  const { object, errors } = create('services', of(fields));
  expect(errors).toEqual([]);
  expect(object['spec']).toMatchObject(expected);
});

test('a headless service without selector speaks both families', () => {
  const { object, errors } = create('services', 'spec: {clusterIP: None, ports: [{port: 1}]}');
  expect(errors).toEqual([]);
  expect(object['spec']).toMatchObject({ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] });
});

test.each<[string, string, string[]]>([
  ['no ports', 'spec: {selector: {a: b}}', ['spec.ports: Required value']],
  [
    'type',
    of('type: X'),
    ['spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
  ],
  [
    'port',
    'spec: {ports: [{port: 0}]}',
    [
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'unnamed ports',
    'spec: {ports: [{port: 1}, {port: 2}]}',
    ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
  ],
  [
    'port twice',
    'spec: {ports: [{name: a, port: 1}, {name: b, port: 1}]}',
    ['spec.ports[1]: Duplicate value: {"port":1,"protocol":"TCP"}'],
  ],
  [
    'port name twice',
    'spec: {ports: [{name: a, port: 1}, {name: a, port: 2}]}',
    ['spec.ports[1].name: Duplicate value: "a"'],
  ],
  [
    'node port of ClusterIP',
    'spec: {ports: [{port: 1, nodePort: 30000}]}',
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'target port',
    'spec: {ports: [{port: 1, targetPort: "a b"}]}',
    [
      'spec.ports[0].targetPort: Invalid value: "a b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
  ],
  [
    'cluster IP',
    of('clusterIP: x'),
    ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [
    'two addresses',
    of('clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2]'),
    ['spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`'],
  ],
  [
    'headless NodePort',
    of('type: NodePort, clusterIP: None'),
    ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
  ],
  ['external name', 'spec: {type: ExternalName}', ['spec.externalName: Required value']],
  [
    'external name with address',
    'spec: {type: ExternalName, externalName: a.b, clusterIP: 10.0.0.1}',
    ['spec.clusterIPs: Forbidden: may not be set for ExternalName services'],
  ],
  [
    'external IP',
    of('externalIPs: [127.0.0.1]'),
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'affinity',
    of('sessionAffinity: X'),
    ['spec.sessionAffinity: Unsupported value: "X": supported values: "ClientIP", "None"'],
  ],
  [
    'affinity time',
    of('sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}'),
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400',
    ],
  ],
  [
    'external policy',
    of('externalTrafficPolicy: Local'),
    ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
  ],
  [
    'internal policy',
    of('internalTrafficPolicy: X'),
    ['spec.internalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local"'],
  ],
  [
    'balancer fields',
    of('loadBalancerClass: a/b, allocateLoadBalancerNodePorts: true'),
    [
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ],
  [
    'dual stack',
    of('ipFamilyPolicy: RequireDualStack'),
    ['spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
  ],
  ['IPv6', of('ipFamilies: [IPv6]'), ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster']],
])('refused: %s', (_, yaml, expected) => {
  expect(refusals('services', yaml)).toEqual(expected);
});

const allocated = of('clusterIP: 10.96.0.9, type: NodePort').replace('port: 80', 'port: 80, nodePort: 30080');

test('what was allocated stays when an update leaves it out', () => {
  const errors = update('services', allocated, (o) => {
    set(o, 'spec.clusterIP', undefined);
    set(o, 'spec.clusterIPs', undefined);
    set(o, 'spec.ports', [{ port: 80 }]);
  });
  expect(errors).toEqual([]);
});

test('a cluster IP never changes', () => {
  const errors = update('services', allocated, (o) => set(o, 'spec.clusterIP', '10.96.0.10'));
  expect(errors).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.0.10"]: may not change once set']);
});

test.each([
  ['ClusterIP', {}],
  ['ExternalName', { externalName: 'a.b' }],
])('a NodePort service becomes %s and leaves its ports and addresses', (type, more) => {
  const errors = update('services', allocated, (o) => {
    set(o, 'spec.type', type);
    for (const [key, value] of Object.entries(more)) set(o, `spec.${key}`, value);
  });
  expect(errors).toEqual([]);
});

const balanced = 'type: LoadBalancer, ports: [{port: 80}]';
const rangesKey = 'service.beta.kubernetes.io/load-balancer-source-ranges';

test.each<[string, string, string[]]>([
  [
    'the kubelet’s port',
    '{spec: {type: LoadBalancer, ports: [{port: 10250}]}}',
    ['spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet'],
  ],
  [
    'no port to ask for its health',
    `{spec: {${balanced}, externalTrafficPolicy: Local}}`,
    ['spec.healthCheckNodePort: Required value'],
  ],
  [
    'a port to ask for its health',
    `{spec: {${balanced}, externalTrafficPolicy: Local, healthCheckNodePort: 30000}}`,
    [],
  ],
  [
    'ranges in the annotation of old',
    `{metadata: {annotations: {${rangesKey}: "10.0.0.0/8, 10.1.0.0/8"}}, spec: {${balanced}}}`,
    [
      `metadata.annotations[${rangesKey}]: Invalid value: "10.1.0.0/8": must not have bits set beyond the prefix length`,
    ],
  ],
  [
    'ranges without a balancer',
    `{metadata: {annotations: {${rangesKey}: ""}}, spec: {ports: [{port: 80}]}}`,
    [`metadata.annotations[${rangesKey}]: Forbidden: may only be used when \`type\` is 'LoadBalancer'`],
  ],
  [
    'two opinions on hints',
    '{metadata: {annotations: {service.kubernetes.io/topology-aware-hints: a, service.kubernetes.io/topology-mode: b}}, spec: {ports: [{port: 80}]}}',
    [
      'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "b": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
    ],
  ],
  [
    'an unknown preference',
    '{spec: {ports: [{port: 80}], trafficDistribution: Near}}',
    [
      'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
])('a service with %s', (_what, yaml, expected) => {
  expect(refusals('services', yaml)).toEqual(expected);
});

const held = 'ports: [{port: 80}], clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ipFamilies: [IPv4]';

test.each<[string, string, Record<string, unknown>, string[]]>([
  [
    'takes another address',
    held,
    { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] },
    ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
  ],
  [
    'lets go of its second address',
    `${held.replace('[10.0.0.1]', '[10.0.0.1, "2001:db8::1"]').replace('[IPv4]', '[IPv4, IPv6]')}, ipFamilyPolicy: PreferDualStack`,
    { clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'] },
    [
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
    ],
  ],
])('a service %s', (_what, spec, fields, expected) => {
  const change = (object: Parameters<typeof set>[0]) => {
    for (const [field, value] of Object.entries(fields)) set(object, `spec.${field}`, value);
  };
  expect(update('services', `{spec: {${spec}}}`, change)).toEqual(expected);
});

test('addresses that were taken once may stay', () => {
  const yaml = '{spec: {ports: [{port: 80}], externalIPs: [10.0.0.01]}}';
  expect(refusals('services', yaml)).toEqual([
    'spec.externalIPs[0]: Invalid value: "10.0.0.01": must not have leading 0s',
  ]);
  expect(update('services', yaml, (object) => set(object, 'spec.ports.0.port', 81))).toEqual([]);
});
