import { expect, test } from 'vitest';
import { SchedulerConfigError } from '../../../../src/scheduler/config/decode.ts';
import { knownPlugins } from '../../../../src/scheduler/config/known-plugins.ts';
import { readSchedulerConfig } from '../../../../src/scheduler/config/scheduler-config.ts';

const findings = (name: string, args: object): readonly string[] => {
  const text = JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ pluginConfig: [{ name, args }] }],
  });
  try {
    readSchedulerConfig(text, knownPlugins);
  } catch (error) {
    if (error instanceof SchedulerConfigError) {
      return error.findings.map((finding) => finding.replace('profiles[0].pluginConfig[0].args.', ''));
    }
    throw error;
  }
  return [];
};

test.each<[string, object, readonly string[]]>([
  [
    'DefaultPreemption',
    { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 },
    [
      'minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute',
      'minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage',
    ],
  ],
  [
    'DefaultPreemption',
    { minCandidateNodesPercentage: 101, minCandidateNodesAbsolute: -1 },
    [
      'minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]',
      'minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)',
    ],
  ],
  [
    'InterPodAffinity',
    { hardPodAffinityWeight: 101 },
    ['hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]'],
  ],
  [
    'NodeAffinity',
    { addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    [
      'addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
  ],
  [
    'NodeResourcesBalancedAllocation',
    { resources: [{ name: 'cpu', weight: 2 }, { name: 'cpu' }] },
    ['resources[0].weight: Invalid value: 2: must be 1', 'resources[1].name: Duplicate value: "cpu"'],
  ],
  [
    'NodeResourcesFit',
    {
      ignoredResourceGroups: ['a.b/c'],
      scoringStrategy: { type: 'Best', resources: [{ name: 'cpu', weight: 101 }] },
    },
    [
      "ignoredResourceGroups[0]: Invalid value: \"a.b/c\": resource group name can't contain '/'",
      'scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"',
      'scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]',
    ],
  ],
  [
    'NodeResourcesFit',
    { scoringStrategy: { type: 'RequestedToCapacityRatio' } },
    [
      'scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio',
    ],
  ],
  [
    'NodeResourcesFit',
    {
      scoringStrategy: {
        type: 'RequestedToCapacityRatio',
        requestedToCapacityRatio: {
          shape: [
            { utilization: 50, score: 0 },
            { utilization: 40, score: 11 },
          ],
        },
      },
    },
    [
      'scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 40: values must be sorted in increasing order',
      'scoringStrategy.requestedToCapacityRatio.shape[1].score: Invalid value: 11: not in valid range [0, 10]',
    ],
  ],
  [
    'PodTopologySpread',
    { defaultConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Maybe', labelSelector: {} }] },
    [
      'defaultingType: Invalid value: "System": when .defaultConstraints are not empty',
      'defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)',
      'defaultConstraints[0].topologyKey: Required value: can not be empty',
      'defaultConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"',
      'defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod',
    ],
  ],
  [
    'VolumeBinding',
    { bindTimeoutSeconds: -1 },
    ['bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value'],
  ],
  [
    'DynamicResources',
    { filterTimeout: '-1s', bindingTimeout: '10ms' },
    [
      'filterTimeout: Invalid value: "-1s": must be zero or positive',
      'bindingTimeout: Invalid value: "10ms": must be at least 1 second',
    ],
  ],
  ['Unheard', { anything: ['goes'] }, []],
])('%s %j', (name, args, texts) => {
  expect(findings(name, args)).toEqual(texts);
});
