import { expect, test } from 'vitest';
import { create, refusals, set, update, updateSubresource } from './rules-kit.ts';

const template = 'template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "i:1"}]}}';
const selector = 'selector: {matchLabels: {app: web}}';
const sound = (extra = '') => `spec: {${selector}, ${template}${extra && `, ${extra}`}}`;

const podTemplate = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [{ name: 'c', imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'File', resources: {} }],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  },
};

test.each<[string, Record<string, unknown>, unknown]>([
  [
    'deployments/apps',
    {
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    {},
  ],
  ['replicasets/apps', { replicas: 1 }, { replicas: 0 }],
  [
    'statefulsets/apps',
    {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      revisionHistoryLimit: 10,
    },
    { replicas: 0 },
  ],
  [
    'daemonsets/apps',
    {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    },
    { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  ],
])('defaults of %s', (name, spec, status) => {
  const { object, errors } = create(name, sound());
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ spec: { ...spec, template: podTemplate } });
  expect(object['status']).toEqual(status);
  expect(object['spec']).not.toHaveProperty('template.spec.enableServiceLinks');
});

test('a replication controller takes its selector and labels from the template', () => {
  const { object, errors } = create('replicationcontrollers', `spec: {${template}}`);
  expect(errors).toEqual([]);
  expect(object).toMatchObject({
    metadata: { labels: { app: 'web' } },
    spec: { selector: { app: 'web' }, replicas: 1 },
  });
});

const mismatch = (labels: unknown) =>
  `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;

test.each<[string, string, string, string[]]>([
  [
    'no spec',
    'deployments/apps',
    'kind: Deployment',
    ['spec.selector: Required value', mismatch(null), 'spec.template.spec.containers: Required value'],
  ],
  [
    'no selector',
    'deployments/apps',
    `spec: {${template}}`,
    ['spec.selector: Required value', mismatch({ app: 'web' })],
  ],
  [
    'empty selector',
    'deployments/apps',
    `spec: {selector: {}, ${template}}`,
    ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  ],
  [
    'other labels',
    'deployments/apps',
    `spec: {selector: {matchLabels: {app: x}}, ${template}}`,
    [mismatch({ app: 'web' })],
  ],
  [
    'replicas',
    'deployments/apps',
    sound('replicas: -1'),
    ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'restart policy',
    'deployments/apps',
    sound().replace('spec: {containers', 'spec: {restartPolicy: Never, containers'),
    ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  ],
  [
    'deadline',
    'deployments/apps',
    sound().replace('spec: {containers', 'spec: {activeDeadlineSeconds: 1, containers'),
    ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'],
  ],
  [
    'recreate with rolling',
    'deployments/apps',
    sound('strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}'),
    ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'strategy',
    'deployments/apps',
    sound('strategy: {type: X}'),
    ['spec.strategy: Unsupported value: "X": supported values: "Recreate", "RollingUpdate"'],
  ],
  [
    'no way to roll',
    'deployments/apps',
    sound('strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}'),
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
  ],
  [
    'percentage',
    'deployments/apps',
    sound('strategy: {rollingUpdate: {maxUnavailable: 101%}}'),
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    'no percentage',
    'deployments/apps',
    sound('strategy: {rollingUpdate: {maxSurge: many}}'),
    [
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [
    'progress deadline',
    'deployments/apps',
    sound('minReadySeconds: 600'),
    ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
  ],
  [
    'management policy',
    'statefulsets/apps',
    sound('podManagementPolicy: X'),
    ["spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel'"],
  ],
  [
    'partition',
    'statefulsets/apps',
    sound('updateStrategy: {rollingUpdate: {partition: -1}}'),
    ['spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'both surge and unavailable',
    'daemonsets/apps',
    sound('updateStrategy: {rollingUpdate: {maxSurge: 1}}'),
    ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
  ],
  [
    'template of a pod',
    'replicasets/apps',
    sound().replace('image: "i:1"', 'ports: [{containerPort: 0}]'),
    [
      'spec.template.spec.containers[0].image: Required value',
      'spec.template.spec.containers[0].ports[0].containerPort: Required value',
    ],
  ],
  [
    'ephemeral containers',
    'replicasets/apps',
    sound().replace('spec: {containers', 'spec: {ephemeralContainers: [{name: d, image: i}], containers'),
    ['spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template'],
  ],
  ['no template', 'replicationcontrollers', 'spec: {selector: {a: b}}', ['spec.template: Required value']],
  [
    'template labels',
    'podtemplates',
    'template: {metadata: {labels: {"a b": c}}, spec: {containers: [{name: c, image: i}]}}',
    [
      "template.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
])('refused: %s (%s)', (_, name, yaml, expected) => {
  expect(refusals(name, yaml)).toEqual(expected);
});

test('a stateful set mounts the claims it declares', () => {
  const claims =
    'volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]';
  const mounted = sound(claims).replace('image: "i:1"', 'image: "i:1", volumeMounts: [{name: data, mountPath: /data}]');
  expect(refusals('statefulsets/apps', mounted)).toEqual([]);
});

test.each(['deployments/apps', 'replicasets/apps', 'daemonsets/apps'])('the selector of %s never changes', (name) => {
  const errors = update(name, sound(), (o) => {
    set(o, 'spec.selector.matchLabels.b', 'c');
    set(o, 'spec.template.metadata.labels.b', 'c');
  });
  expect(errors).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"web","b":"c"}}: field is immutable']);
});

test('a stateful set changes only what it can roll out', () => {
  expect(update('statefulsets/apps', sound(), (o) => set(o, 'spec.replicas', 3))).toEqual([]);
  expect(update('statefulsets/apps', sound(), (o) => set(o, 'spec.serviceName', 'x'))).toEqual([
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ]);
});

test('a daemon set numbers its templates', () => {
  const { object } = create('daemonsets/apps', sound());
  expect(object.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' });
});

test('status counts must agree', () => {
  const { errors } = updateSubresource('deployments/apps', 'status', sound(), (o) =>
    set(o, 'status', { replicas: 1, readyReplicas: 2, availableReplicas: 3, unavailableReplicas: -1 }),
  );
  expect(errors).toEqual([
    'status.unavailableReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
  ]);
});

test('a status update cannot touch the spec', () => {
  const { object } = updateSubresource('replicasets/apps', 'status', sound(), (o) => {
    set(o, 'spec.replicas', 9);
    set(o, 'status.replicas', 4);
  });
  expect(object).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 4 } });
});
