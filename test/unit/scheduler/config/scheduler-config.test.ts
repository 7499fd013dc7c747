import { describe, expect, test } from 'vitest';
import { SchedulerConfigError } from '../../../../src/scheduler/config/decode.ts';
import { knownPlugins } from '../../../../src/scheduler/config/known-plugins.ts';
import { defaultSchedulerConfig, readSchedulerConfig } from '../../../../src/scheduler/config/scheduler-config.ts';

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const read = (body: string) => readSchedulerConfig(head + body, knownPlugins);
const findings = (text: string): readonly string[] => {
  try {
    readSchedulerConfig(text, knownPlugins);
  } catch (error) {
    if (error instanceof SchedulerConfigError) return error.findings;
    throw error;
  }
  return [];
};
const wrong = (body: string) => findings(head + body);
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

test('without a word everything is as upstream has it', () => {
  const config = defaultSchedulerConfig(knownPlugins);
  expect(config).toMatchObject({
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 10,
    extenders: [],
  });
  const [profile, ...others] = config.profiles;
  expect(others).toEqual([]);
  expect(profile).toMatchObject({ schedulerName: 'default-scheduler', percentageOfNodesToScore: 0 });
  expect(names(profile!.plugins.filter)).toEqual([
    'NodeUnschedulable',
    'NodeName',
    'TaintToleration',
    'NodeAffinity',
    'NodePorts',
    'NodeResourcesFit',
    'VolumeRestrictions',
    'NodeVolumeLimits',
    'VolumeBinding',
    'VolumeZone',
    'PodTopologySpread',
    'InterPodAffinity',
    'DynamicResources',
  ]);
  expect(Object.fromEntries(profile!.plugins.score.map(({ name, weight }) => [name, weight]))).toEqual({
    TaintToleration: 3,
    NodeAffinity: 2,
    NodeResourcesFit: 1,
    VolumeBinding: 1,
    PodTopologySpread: 2,
    InterPodAffinity: 2,
    DynamicResources: 1,
    NodeResourcesBalancedAllocation: 1,
    ImageLocality: 1,
  });
  expect(names(profile!.plugins.bind)).toEqual(['DefaultBinder']);
  expect(profile!.args).toEqual({
    DefaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
    InterPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
    NodeAffinity: {},
    NodeResourcesBalancedAllocation: {
      resources: [
        { name: 'cpu', weight: 1 },
        { name: 'memory', weight: 1 },
      ],
    },
    NodeResourcesFit: {
      scoringStrategy: {
        type: 'LeastAllocated',
        resources: [
          { name: 'cpu', weight: 1 },
          { name: 'memory', weight: 1 },
        ],
      },
    },
    PodTopologySpread: { defaultingType: 'System' },
    VolumeBinding: { bindTimeoutSeconds: 600 },
    DynamicResources: { filterTimeout: '10s', bindingTimeout: '10m0s' },
  });
});

test('a file in JSON is read like one in YAML', () => {
  const text = JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    podMaxBackoffSeconds: 20,
  });
  expect(readSchedulerConfig(text, knownPlugins).config.podMaxBackoffSeconds).toBe(20);
});

test('profiles have arguments of their own, completed by the defaults', () => {
  const { config } = read(`
profiles:
- schedulerName: packing
  percentageOfNodesToScore: 40
  pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      ignoredResources: [example.com/ignored]
      scoringStrategy:
        type: MostAllocated
        resources: [{name: cpu, weight: 5}, {name: memory}]
- schedulerName: plain
`);
  expect(config.profiles.map(({ schedulerName }) => schedulerName)).toEqual(['packing', 'plain']);
  expect(config.profiles[0]!.percentageOfNodesToScore).toBe(40);
  expect(config.profiles[0]!.args.NodeResourcesFit).toMatchObject({
    ignoredResources: ['example.com/ignored'],
    scoringStrategy: {
      type: 'MostAllocated',
      resources: [
        { name: 'cpu', weight: 5 },
        { name: 'memory', weight: 1 },
      ],
    },
  });
  expect(config.profiles[1]!.args.NodeResourcesFit.scoringStrategy.type).toBe('LeastAllocated');
});

test('what means nothing here is taken and named', () => {
  expect(
    read('leaderElection: {leaderElect: false}\nclientConnection: {qps: 50}\nenableProfiling: true\n').ignored,
  ).toEqual(['leaderElection', 'clientConnection', 'enableProfiling']);
  expect(read('parallelism: 4\n').ignored).toEqual(['parallelism']);
  expect(read('podMaxBackoffSeconds: 4\n').ignored).toEqual([]);
});

describe('refused, with the reason', () => {
  test.each([
    ['kind: Pod\napiVersion: v1\n', ['no kind "Pod" is registered for version "v1"']],
    [
      'kind: KubeSchedulerConfiguration\napiVersion: kubescheduler.config.k8s.io/v1beta3\n',
      ['no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3"'],
    ],
    ['a: [', ['error converting YAML to JSON']],
    ['- a\n', ["Object 'Kind' is missing"]],
  ])('a file of another sort: %j', (text, texts) => {
    const found = findings(text);
    expect(found).toHaveLength(texts.length);
    for (const [i, expected] of texts.entries()) expect(found[i]).toContain(expected);
  });

  test.each<[string, readonly string[]]>([
    ['paralellism: 3\n', ['strict decoding error: unknown field "paralellism"']],
    [
      'parallelism: 3\nparallelism: 4\n',
      ['strict decoding error: yaml: unmarshal errors:\n  line 4: key "parallelism" already set in map'],
    ],
    [
      'profiles: [{plugins: {score: {enable: []}}}]\n',
      ['strict decoding error: unknown field "profiles[0].plugins.score.enable"'],
    ],
    [
      'parallelism: many\n',
      ['json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32'],
    ],
    [
      'profiles: [{pluginConfig: [{name: NodeAffinity, args: {addAffinity: {}}}]}]\n',
      [
        'strict decoding error: decoding .profiles[0].pluginConfig[0]: strict decoding error: decoding args for plugin NodeAffinity: strict decoding error: unknown field "addAffinity"',
      ],
    ],
    [
      'profiles: [{pluginConfig: [{name: NodeAffinity, args: {kind: VolumeBindingArgs}}]}]\n',
      [
        'decoding .profiles[0].pluginConfig[0]: args for plugin NodeAffinity were not of type NodeAffinityArgs.kubescheduler.config.k8s.io, got VolumeBindingArgs.kubescheduler.config.k8s.io',
      ],
    ],
  ])('strictly: %j', (body, texts) => {
    expect(wrong(body)).toEqual(texts);
  });

  test.each<[string, readonly string[]]>([
    ['parallelism: 0\n', ['parallelism: Invalid value: 0: should be an integer value greater than zero']],
    ['percentageOfNodesToScore: 101\n', ['percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]']],
    [
      'podInitialBackoffSeconds: 0\npodMaxBackoffSeconds: -1\n',
      [
        'podInitialBackoffSeconds: Invalid value: 0: must be greater than 0',
        'podMaxBackoffSeconds: Invalid value: -1: must be greater than or equal to PodInitialBackoffSeconds',
      ],
    ],
    [
      'profiles: [{schedulerName: a}, {schedulerName: a}, {}]\n',
      [
        'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
        'profiles[2].schedulerName: Required value',
      ],
    ],
    [
      'profiles: [{schedulerName: a}, {schedulerName: b, plugins: {queueSort: {enabled: [{name: PrioritySort}]}}}]\n',
      [
        'profiles[1].plugins.queueSort: Invalid value: {"enabled":[{"name":"PrioritySort"}]}: must be the same for all profiles',
      ],
    ],
    [
      'profiles: [{plugins: {filter: {enabled: [{name: EBSLimits}]}}}]\n',
      [
        'profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": was invalid in version "kubescheduler.config.k8s.io/v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")',
      ],
    ],
    [
      'extenders: [{urlPrefix: "http://a", prioritizeVerb: p, bindVerb: b, managedResources: [{name: cpu}]}, {urlPrefix: "http://b", bindVerb: b}]\n',
      [
        'extenders[0].weight: Invalid value: 0: must have a positive weight applied to it',
        'extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name',
        'extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind',
      ],
    ],
  ])('by validation: %j', (body, texts) => {
    expect(wrong(body)).toEqual(texts);
  });

  test.each<[string, string]>([
    ['multiPoint: {enabled: [{name: Mine}]}', 'PreFilterPlugin "Mine" does not exist'],
    ['score: {enabled: [{name: Mine}]}', 'ScorePlugin "Mine" does not exist'],
    ['score: {enabled: [{name: NodePorts}]}', 'plugin "NodePorts" does not extend ScorePlugin plugin'],
    [
      'bind: {disabled: [{name: "*"}]}',
      'at least one bind plugin is needed for profile with scheduler name "default-scheduler"',
    ],
    [
      'queueSort: {disabled: [{name: PrioritySort}]}',
      'only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0',
    ],
  ])('for its plugins: %s', (plugins, text) => {
    expect(wrong(`profiles: [{plugins: {${plugins}}}]\n`)).toEqual([
      `initializing profiles: creating profile for scheduler name default-scheduler: ${text}`,
    ]);
  });
});
