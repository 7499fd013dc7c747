import type { WrittenProfile } from './decode.ts';
import type { PluginArgs, ResourceSpec } from './types.ts';

const resources: readonly ResourceSpec[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** Resources without a weight count once; none at all means cpu and memory. */
const weighted = (given: readonly ResourceSpec[] | undefined): readonly ResourceSpec[] =>
  given?.length ? given.map((spec) => ({ ...spec, weight: spec.weight || 1 })) : resources;

type Given<T> = Partial<T> | undefined;

/** What arguments mean where they say nothing. Source: apis/config/v1 `defaults.go`. */
const defaults: { readonly [Name in keyof PluginArgs]: (given: Given<PluginArgs[Name]>) => PluginArgs[Name] } = {
  DefaultPreemption: (given) => ({ minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100, ...given }),
  InterPodAffinity: (given) => ({ hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false, ...given }),
  NodeAffinity: (given) => ({ ...given }),
  NodeResourcesBalancedAllocation: (given) => ({ resources: weighted(given?.resources) }),
  NodeResourcesFit: (given) => {
    const strategy = given?.scoringStrategy;
    const type = strategy ? (strategy.type ?? '') : 'LeastAllocated';
    // An empty type is found by validation.
    return { ...given, scoringStrategy: { ...strategy, type, resources: weighted(strategy?.resources) } as never };
  },
  PodTopologySpread: (given) => ({ defaultingType: 'System', ...given }),
  VolumeBinding: (given) => ({ bindTimeoutSeconds: 600, ...given }),
  DynamicResources: (given) => ({ filterTimeout: '10s', bindingTimeout: '10m0s', ...given }),
};

/** The arguments of all plugins that have any, as a profile gives them. */
export function argsOf({ pluginConfig = [] }: WrittenProfile): PluginArgs {
  const given = new Map(pluginConfig.map(({ name, args }) => [name, args]));
  return Object.fromEntries(
    Object.entries(defaults).map(([name, complete]) => [name, complete(given.get(name) as never)]),
  ) as unknown as PluginArgs;
}
