import { expect, test } from 'vitest';
import { create, definition, refusals, set, update, updateSubresource } from './rules-kit.ts';

const minimal = 'spec: {containers: [{name: c, image: "i:1"}]}';

test('defaults of a minimal pod', () => {
  expect(create('pods', minimal).object).toEqual({
    metadata: { name: 'a', namespace: 'default' },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'i:1',
          imagePullPolicy: 'IfNotPresent',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    },
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  });
});

test.each([
  ['web', 'Always'],
  ['web:latest', 'Always'],
  ['web:1', 'IfNotPresent'],
  ['reg:5000/web', 'Always'],
  ['reg:5000/web:2', 'IfNotPresent'],
  ['web@sha256:0123', 'IfNotPresent'],
])('image %s is pulled %s', (image, policy) => {
  const { object } = create('pods', `spec: {containers: [{name: c, image: "${image}"}]}`);
  expect(object).toMatchObject({ spec: { containers: [{ imagePullPolicy: policy }] } });
});

test('defaults of ports, probes, volumes, env and resources', () => {
  const { object, errors } = create(
    'pods',
    `
spec:
  serviceAccountName: sa
  initContainers: [{name: i, image: i:1, resources: {limits: {cpu: 100m}}}]
  containers:
  - name: c
    image: i:1
    ports: [{containerPort: 80}]
    livenessProbe: {httpGet: {port: 80}}
    readinessProbe: {grpc: {port: 80}}
    env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: B, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]
    resources: {limits: {cpu: "1", memory: 1Gi}, requests: {cpu: 100.5m}}
    volumeMounts: [{name: e, mountPath: /e}]
  volumes:
  - {name: e}
  - {name: s, secret: {secretName: x}}
  - {name: m, configMap: {name: x}}
  - {name: h, hostPath: {path: /x}}
  - {name: p, projected: {sources: [{serviceAccountToken: {path: token}}, {downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}]}}
`,
  );
  expect(errors).toEqual([]);
  expect(object).toMatchObject({
    spec: {
      serviceAccount: 'sa',
      initContainers: [{ resources: { requests: { cpu: '100m' } } }],
      containers: [
        {
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          livenessProbe: {
            httpGet: { path: '/', port: 80, scheme: 'HTTP' },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
          readinessProbe: { grpc: { port: 80, service: '' } },
          env: [
            { valueFrom: { fieldRef: { apiVersion: 'v1' } } },
            { valueFrom: { resourceFieldRef: { divisor: '0' } } },
          ],
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '101m', memory: '1Gi' } },
        },
      ],
      volumes: [
        { emptyDir: {} },
        { secret: { defaultMode: 420 } },
        { configMap: { defaultMode: 420 } },
        { hostPath: { type: '' } },
        {
          projected: {
            defaultMode: 420,
            sources: [
              { serviceAccountToken: { expirationSeconds: 3600 } },
              { downwardAPI: { items: [{ fieldRef: { apiVersion: 'v1' } }] } },
            ],
          },
        },
      ],
    },
    status: { qosClass: 'Burstable' },
  });
});

test.each([
  ['{}', 'BestEffort'],
  ['{requests: {cpu: 1}}', 'Burstable'],
  ['{limits: {cpu: 1}}', 'Burstable'],
  ['{limits: {cpu: 1, memory: 1Gi}}', 'Guaranteed'],
  ['{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1024Mi}}', 'Guaranteed'],
  ['{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}', 'Burstable'],
  ['{requests: {ephemeral-storage: 1Gi}}', 'BestEffort'],
])('resources %s make a %s pod', (resources, qosClass) => {
  const { object } = create('pods', `spec: {containers: [{name: c, image: i, resources: ${resources}}]}`);
  expect(object['status']).toMatchObject({ qosClass });
});

test('ports of a pod on the host network are host ports', () => {
  const { object, errors } = create(
    'pods',
    'spec: {hostNetwork: true, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}',
  );
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ spec: { containers: [{ ports: [{ hostPort: 80 }] }] } });
});

test('a gated pod is born with its condition', () => {
  const { object } = create('pods', 'spec: {schedulingGates: [{name: a/b}], containers: [{name: c, image: i}]}');
  expect(object['status']).toMatchObject({
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
  });
});

const oneContainer = (fields: string) => `spec: {containers: [{name: c, image: i, ${fields}}]}`;
const pod = (fields: string) => `spec: {containers: [{name: c, image: i}], ${fields}}`;
const at = 'spec.containers[0]';
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

test.each<[string, string, string[]]>([
  ['no spec', 'kind: Pod', ['spec.containers: Required value']],
  ['no containers', 'spec: {containers: []}', ['spec.containers: Required value']],
  ['no name', 'spec: {containers: [{image: i}]}', [`${at}.name: Required value`]],
  ['bad name', 'spec: {containers: [{name: A_b, image: i}]}', [`${at}.name: Invalid value: "A_b": ${labelText}`]],
  ['no image', 'spec: {containers: [{name: c}]}', [`${at}.image: Required value`]],
  [
    'image of spaces',
    'spec: {containers: [{name: c, image: " i"}]}',
    [`${at}.image: Invalid value: " i": must not have leading or trailing whitespace`],
  ],
  [
    'name twice',
    'spec: {containers: [{name: c, image: i}, {name: c, image: i}]}',
    ['spec.containers[1].name: Duplicate value: "c"'],
  ],
  [
    'init name twice',
    pod('initContainers: [{name: c, image: i}]'),
    ['spec.initContainers[0].name: Duplicate value: "c"'],
  ],
  [
    'pull policy',
    oneContainer('imagePullPolicy: Sometimes'),
    [`${at}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`],
  ],
  [
    'restart policy',
    pod('restartPolicy: Often'),
    ['spec.restartPolicy: Unsupported value: "Often": supported values: "Always", "OnFailure", "Never"'],
  ],
  [
    'dns policy',
    pod('dnsPolicy: X'),
    [
      'spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
  ],
  [
    'dns None',
    pod('dnsPolicy: None'),
    ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  ],
  [
    'nameserver',
    pod('dnsConfig: {nameservers: [x]}'),
    [
      'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  ['port 0', oneContainer('ports: [{containerPort: 0}]'), [`${at}.ports[0].containerPort: Required value`]],
  [
    'port 70000',
    oneContainer('ports: [{containerPort: 70000}]'),
    [`${at}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`],
  ],
  [
    'port name',
    oneContainer('ports: [{name: a--b, containerPort: 1}]'),
    [`${at}.ports[0].name: Invalid value: "a--b": must not contain consecutive hyphens`],
  ],
  [
    'port name twice',
    oneContainer('ports: [{name: a, containerPort: 1}, {name: a, containerPort: 2}]'),
    [`${at}.ports[1].name: Duplicate value: "a"`],
  ],
  [
    'protocol',
    oneContainer('ports: [{containerPort: 1, protocol: ICMP}]'),
    [`${at}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`],
  ],
  [
    'host port twice',
    oneContainer('ports: [{containerPort: 1, hostPort: 5}, {containerPort: 2, hostPort: 5}]'),
    [`${at}.ports[1].hostPort: Duplicate value: "TCP//5"`],
  ],
  [
    'env name',
    oneContainer('env: [{name: "a=b"}]'),
    [
      `${at}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ],
  ],
  ['env without name', oneContainer('env: [{value: x}]'), [`${at}.env[0].name: Required value`]],
  [
    'env value and source',
    oneContainer('env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]'),
    [`${at}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`],
  ],
  [
    'env field',
    oneContainer('env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.foo}}}]'),
    [
      `${at}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.foo": error converting fieldPath: field label not supported: metadata.foo`,
    ],
  ],
  [
    'env field for volumes only',
    oneContainer('env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]'),
    [
      `${at}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
    ],
  ],
  [
    'env key',
    oneContainer('env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: "a b"}}}]'),
    [
      `${at}.env[0].valueFrom.configMapKeyRef.key: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
    ],
  ],
  [
    'envFrom without source',
    oneContainer('envFrom: [{prefix: A_}]'),
    [`${at}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``],
  ],
  [
    'mount of nothing',
    oneContainer('volumeMounts: [{name: v, mountPath: /v}]'),
    [`${at}.volumeMounts[0].name: Not found: "v"`],
  ],
  ['volume without name', pod('volumes: [{emptyDir: {}}]'), ['spec.volumes[0].name: Required value']],
  [
    'volume of two kinds',
    pod('volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}]'),
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  ['volume twice', pod('volumes: [{name: v}, {name: v}]'), ['spec.volumes[1].name: Duplicate value: "v"']],
  [
    'hostPath with ..',
    pod('volumes: [{name: v, hostPath: {path: /a/../b}}]'),
    ['spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
  ],
  [
    'hostPath type',
    pod('volumes: [{name: v, hostPath: {path: /a, type: X}}]'),
    [
      'spec.volumes[0].hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
  ],
  [
    'file mode',
    pod('volumes: [{name: v, secret: {secretName: s, defaultMode: 1000}}]'),
    [
      'spec.volumes[0].secret.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive',
    ],
  ],
  [
    'item path',
    pod('volumes: [{name: v, configMap: {name: m, items: [{key: k, path: ../x}]}}]'),
    ['spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain \'..\''],
  ],
  [
    'token for too short',
    pod(
      'serviceAccountName: s, volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 10}}]}}]',
    ),
    [
      'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
    ],
  ],
  [
    'token without account',
    pod('volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}]'),
    [
      'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
    ],
  ],
  [
    'empty projection',
    pod(
      'volumes: [{name: v, projected: {sources: [{configMap: {name: m, items: [{key: k, path: p}]}}, {secret: {name: s, items: [{key: k, path: p}]}}]}}]',
    ),
    ['spec.volumes[0].projected: Invalid value: "s": conflicting duplicate paths'],
  ],
  [
    'mount path twice',
    `spec: {volumes: [{name: v}], containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}, {name: v, mountPath: /v}]}]}`,
    [`${at}.volumeMounts[1].mountPath: Invalid value: "/v": must be unique`],
  ],
  [
    'absolute subPath',
    `spec: {volumes: [{name: v}], containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v, subPath: /x}]}]}`,
    [`${at}.volumeMounts.subPath: Invalid value: "/x": must be a relative path`],
  ],
  [
    'probe without handler',
    oneContainer('livenessProbe: {}'),
    [`${at}.livenessProbe: Required value: must specify a handler type`],
  ],
  [
    'probe with two handlers',
    oneContainer('livenessProbe: {exec: {command: [x]}, tcpSocket: {port: 1}}'),
    [`${at}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
  ],
  [
    'probe port name',
    oneContainer('readinessProbe: {tcpSocket: {port: "A"}}'),
    [
      `${at}.readinessProbe.tcpSocket.port: Invalid value: "A": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
      `${at}.readinessProbe.tcpSocket.port: Invalid value: "A": must contain at least one letter (a-z)`,
    ],
  ],
  [
    'liveness threshold',
    oneContainer('livenessProbe: {exec: {command: [x]}, successThreshold: 2}'),
    [`${at}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
  ],
  [
    'probe delay',
    oneContainer('startupProbe: {exec: {command: [x]}, initialDelaySeconds: -1}'),
    [`${at}.startupProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0`],
  ],
  [
    'probe of an init container',
    pod('initContainers: [{name: i, image: i, livenessProbe: {exec: {command: [x]}}}]'),
    [
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
  [
    'sleep beyond grace',
    pod('terminationGracePeriodSeconds: 5').replace(
      'image: i',
      'image: i, lifecycle: {preStop: {sleep: {seconds: 6}}}',
    ),
    [
      `${at}.lifecycle.preStop.sleep: Invalid value: 6: must be non-negative and less than terminationGracePeriodSeconds (5)`,
    ],
  ],
  [
    'request above limit',
    oneContainer('resources: {requests: {cpu: 2}, limits: {cpu: 1}}'),
    [`${at}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`],
  ],
  [
    'negative amount',
    oneContainer('resources: {requests: {cpu: "-1"}}'),
    [`${at}.resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0`],
  ],
  [
    'unknown resource',
    oneContainer('resources: {requests: {gpu: 1}}'),
    [
      `${at}.resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`,
      `${at}.resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
    ],
  ],
  [
    'device without limit',
    oneContainer('resources: {requests: {example.com/gpu: 1}}'),
    [`${at}.resources.limits: Required value: Limit must be set for non overcommitable resources`],
  ],
  [
    'half a device',
    oneContainer('resources: {limits: {example.com/gpu: 500m}}'),
    [
      `${at}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
      `${at}.resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
    ],
  ],
  [
    'huge pages alone',
    oneContainer('resources: {limits: {hugepages-2Mi: 4Mi}}'),
    [`${at}.resources: Forbidden: HugePages require cpu or memory`],
  ],
  [
    'user id',
    oneContainer('securityContext: {runAsUser: -1}'),
    [`${at}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`],
  ],
  [
    'privileged without escalation',
    oneContainer('securityContext: {privileged: true, allowPrivilegeEscalation: false}'),
    [
      `${at}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ],
  [
    'seccomp type',
    pod('securityContext: {seccompProfile: {type: Localhost}}'),
    [
      'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
    ],
  ],
  [
    'sysctl twice',
    pod('securityContext: {sysctls: [{name: a, value: "1"}, {name: a, value: "2"}]}'),
    ['spec.securityContext.sysctls[1].name: Duplicate value: "a"'],
  ],
  [
    'net sysctl on the host',
    pod('hostNetwork: true, securityContext: {sysctls: [{name: net.a, value: "1"}]}'),
    ['spec.securityContext.sysctls[0].name: Invalid value: "net.a": may not be specified when \'hostNetwork\' is true'],
  ],
  [
    'node affinity without terms',
    pod('affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}'),
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
  ],
  [
    'affinity weight',
    pod(
      'affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, podAffinityTerm: {topologyKey: a}}]}}',
    ),
    [
      'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
    ],
  ],
  [
    'toleration without key',
    pod('tolerations: [{operator: Equal, value: x}]'),
    [
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    'toleration with value',
    pod('tolerations: [{key: a, operator: Exists, value: x}]'),
    ['spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\''],
  ],
  [
    'toleration seconds',
    pod('tolerations: [{key: a, operator: Exists, tolerationSeconds: 3}]'),
    ['spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
  ],
  [
    'toleration effect',
    pod('tolerations: [{key: a, operator: Exists, effect: X}]'),
    [
      'spec.tolerations[0].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  [
    'spread',
    pod('topologySpreadConstraints: [{maxSkew: 0, whenUnsatisfiable: X}]'),
    [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "X": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
  ],
  [
    'host alias',
    pod('hostAliases: [{ip: x, hostnames: [a]}]'),
    ['spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  ['hostname', pod('hostname: a.b'), ['spec.hostname: Invalid value: "a.b": must not contain dots']],
  [
    'deadline',
    pod('activeDeadlineSeconds: 0'),
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  ],
  [
    'ephemeral containers',
    pod('ephemeralContainers: [{name: d, image: i}]'),
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
  [
    'gated and placed',
    pod('nodeName: n, schedulingGates: [{name: a/b}]'),
    ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  ],
  [
    'readiness gate',
    pod('readinessGates: [{conditionType: "a/b/c"}]'),
    [
      "spec.readinessGates[0].conditionType: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ],
  ],
  [
    'pod level resources',
    pod('resources: {requests: {cpu: 1}}').replace('image: i', 'image: i, resources: {requests: {cpu: 2}}'),
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
  ],
])('refused: %s', (_, yaml, expected) => {
  expect(refusals('pods', yaml)).toEqual(expected);
});

test.each([
  [
    'sidecar with probes',
    pod('initContainers: [{name: s, image: i, restartPolicy: Always, startupProbe: {exec: {command: [x]}}}]'),
  ],
  [
    'own restart policy',
    oneContainer(
      'restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]',
    ),
  ],
  ['image volume', pod('volumes: [{name: v, image: {reference: "x:1"}}]')],
  [
    'ephemeral volume',
    pod(
      'volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]',
    ),
  ],
  [
    'dns None with a server',
    pod(
      'dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [a.b., "."], options: [{name: ndots, value: "2"}]}',
    ),
  ],
  ['huge pages with memory', oneContainer('resources: {limits: {hugepages-2Mi: 4Mi, memory: 1Gi}}')],
  ['anything tolerated', pod('tolerations: [{operator: Exists}]')],
])('accepted: %s', (_, yaml) => {
  expect(refusals('pods', yaml)).toEqual([]);
});

test.each<[string, (object: Parameters<typeof set>[0]) => void, string[]]>([
  ['image', (o) => set(o, 'spec.containers.0.image', 'i:2'), []],
  ['labels', (o) => set(o, 'metadata.labels', { a: 'b' }), []],
  ['deadline', (o) => set(o, 'spec.activeDeadlineSeconds', 5), []],
  ['more tolerations', (o) => set(o, 'spec.tolerations', [{ operator: 'Exists' }]), []],
  ['status is not changed here', (o) => set(o, 'status', { phase: 'Running' }), []],
  [
    'container added',
    (o) => set(o, 'spec.containers.1', { name: 'd', image: 'i' }),
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  ],
  [
    'gate added',
    (o) => set(o, 'spec.schedulingGates', [{ name: 'a/b' }]),
    ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a/b'"],
  ],
  [
    'node name',
    (o) => set(o, 'spec.nodeName', 'n'),
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n- nodeName: null\n+ nodeName: "n"\n',
    ],
  ],
])('update of %s', (_, change, expected) => {
  expect(update('pods', minimal, change)).toEqual(expected);
});

test('a gated pod that has no affinity may be given one for nodes, and no other', () => {
  const gated = 'spec: {schedulingGates: [{name: a/b}], containers: [{name: c, image: "i:1"}]}';
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const nodeAffinity = {
    [required]: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
  };
  expect(update('pods', gated, (o) => set(o, 'spec.affinity', { nodeAffinity }))).toEqual([]);
  const podAffinity = { [required]: [{ topologyKey: 'z' }] };
  expect(update('pods', gated, (o) => set(o, 'spec.affinity', { nodeAffinity, podAffinity }))).toEqual([
    expect.stringContaining('+ affinity: {"podAffinity":'),
  ]);
  expect(update('pods', minimal, (o) => set(o, 'spec.affinity', { nodeAffinity }))).toEqual([
    expect.stringContaining('+ affinity: {"nodeAffinity":'),
  ]);
});

test('a status update keeps spec and QoS and completes the addresses', () => {
  const { object, errors } = updateSubresource('pods', 'status', minimal, (o) => {
    set(o, 'spec.nodeName', 'n');
    set(o, 'status', { phase: 'Running', podIP: '10.0.0.1', hostIP: '10.1.1.1', hostIPs: [{ ip: '10.1.1.1' }] });
  });
  expect(errors).toEqual([]);
  expect(object['spec']).not.toHaveProperty('nodeName');
  expect(object['status']).toMatchObject({ qosClass: 'BestEffort', podIPs: [{ ip: '10.0.0.1' }] });
});

test('the QoS class never changes', () => {
  const { errors } = updateSubresource('pods', 'status', minimal, (o) => set(o, 'status.qosClass', 'Burstable'));
  expect(errors).toEqual(['status.qosClass: Invalid value: "Burstable": field is immutable']);
});

test('ephemeral containers are added through their own door', () => {
  const added = updateSubresource('pods', 'ephemeralcontainers', minimal, (o) =>
    set(o, 'spec.ephemeralContainers', [
      { name: 'd', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', targetContainerName: 'c' },
    ]),
  );
  expect(added.errors).toEqual([]);
  const refused = updateSubresource('pods', 'ephemeralcontainers', minimal, (o) =>
    set(o, 'spec.ephemeralContainers', [
      {
        name: 'c',
        image: 'i',
        imagePullPolicy: 'Always',
        terminationMessagePolicy: 'File',
        ports: [{ containerPort: 1, protocol: 'TCP' }],
      },
    ]),
  );
  expect(refused.errors).toEqual([
    'spec.ephemeralContainers[0].name: Duplicate value: "c"',
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
  ]);
});

test('ephemeral containers that are there stay', () => {
  const yaml = 'spec: {containers: [{name: c, image: i}], ephemeralContainers: [{name: d, image: i}]}';
  const removed = updateSubresource('pods', 'ephemeralcontainers', yaml, (o) =>
    set(o, 'spec.ephemeralContainers', undefined),
  );
  expect(removed.errors).toEqual([
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n',
  ]);
});

test('resize changes CPU and memory only, within the QoS class', () => {
  const yaml = oneContainer('resources: {requests: {cpu: 1, memory: 1Gi}}');
  const resize = (path: string, value: unknown) =>
    updateSubresource('pods', 'resize', yaml, (o) => set(o, path, value)).errors;
  expect(resize('spec.containers.0.resources.requests.cpu', '2')).toEqual([]);
  expect(resize('spec.containers.0.resources.requests.ephemeral-storage', '1Gi')).toEqual([
    'spec: Forbidden: only cpu and memory resources are mutable',
  ]);
  expect(resize('spec.containers.0.resources', {})).toEqual([
    'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  ]);
});

test.each([
  [{ spec: {} }, undefined, undefined],
  [{ spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 } }, undefined, 30],
  [{ spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 } }, 5, 5],
  [{ spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 } }, 0, undefined],
  [{ spec: { nodeName: 'n', terminationGracePeriodSeconds: -3 } }, undefined, 1],
  [{ spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 }, status: { phase: 'Failed' } }, undefined, undefined],
])('grace of %j when asked for %s', (object, asked, granted) => {
  const whole = { apiVersion: 'v1', kind: 'Pod', metadata: {}, ...object };
  expect(definition('pods').gracefulDelete!(whole, asked)).toBe(granted);
});

test('repeated variables are warned of', () => {
  const { object } = create('pods', oneContainer('env: [{name: A, value: x}, {name: A, value: y}]'));
  expect(definition('pods').warnings!(object, undefined)).toEqual([
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});
