import type { NodeAffinity, TopologySpreadConstraint } from '../../api/types/core-v1.gen.ts';
import type { ExtensionPoint } from './known-plugins.ts';

/** KubeSchedulerConfiguration as the scheduler works with it: complete, validated, plugins in their order. */
export interface SchedulerConfig {
  /** At least one; the names differ. */
  readonly profiles: readonly Profile[];
  readonly extenders: readonly ExtenderConfig[];
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
}

export interface Profile {
  /** Pods with this spec.schedulerName are placed with this profile. */
  readonly schedulerName: string;
  /** So many feasible nodes, in percent of all, are enough to choose from; 0 for all there are. */
  readonly percentageOfNodesToScore: number;
  /** The plugins of each extension point in the order they are asked in. */
  readonly plugins: Readonly<Record<ExtensionPoint, readonly EnabledPlugin[]>>;
  /** By plugin name, with defaults. */
  readonly args: PluginArgs;
}

export interface EnabledPlugin {
  readonly name: string;
  /** Of a score plugin. */
  readonly weight: number;
}

export interface PluginArgs {
  readonly DefaultPreemption: DefaultPreemptionArgs;
  readonly InterPodAffinity: InterPodAffinityArgs;
  readonly NodeAffinity: NodeAffinityArgs;
  readonly NodeResourcesBalancedAllocation: NodeResourcesBalancedAllocationArgs;
  readonly NodeResourcesFit: NodeResourcesFitArgs;
  readonly PodTopologySpread: PodTopologySpreadArgs;
  readonly VolumeBinding: VolumeBindingArgs;
  readonly DynamicResources: DynamicResourcesArgs;
}

export interface DefaultPreemptionArgs {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

export interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

export interface NodeAffinityArgs {
  readonly addedAffinity?: NodeAffinity;
}

export interface ResourceSpec {
  readonly name: string;
  readonly weight: number;
}

export interface NodeResourcesBalancedAllocationArgs {
  readonly resources: readonly ResourceSpec[];
}

/** `utilization` in percent, `score` from 0 to 10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  readonly resources: readonly ResourceSpec[];
  readonly requestedToCapacityRatio?: { readonly shape?: readonly ShapePoint[] };
}

export interface NodeResourcesFitArgs {
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
}

export interface PodTopologySpreadArgs {
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
  readonly defaultingType: 'System' | 'List';
}

export interface VolumeBindingArgs {
  readonly bindTimeoutSeconds: number;
  readonly shape?: readonly ShapePoint[];
}

/** Durations in Go's notation. */
export interface DynamicResourcesArgs {
  readonly filterTimeout: string;
  readonly bindingTimeout: string;
}

export interface ExtenderConfig {
  readonly urlPrefix: string;
  /** Verbs: what is appended to the prefix; absent for what the extender does not do. */
  readonly filterVerb?: string;
  readonly preemptVerb?: string;
  readonly prioritizeVerb?: string;
  readonly bindVerb?: string;
  readonly weight?: number;
  readonly enableHTTPS?: boolean;
  readonly tlsConfig?: ExtenderTlsConfig;
  /** A Go duration; "0s" for the default of 5 seconds. */
  readonly httpTimeout?: string;
  readonly nodeCacheCapable?: boolean;
  readonly managedResources?: readonly { readonly name: string; readonly ignoredByScheduler?: boolean }[];
  readonly ignorable?: boolean;
}

/** Data is base64 of PEM and goes before files. */
export interface ExtenderTlsConfig {
  readonly insecure?: boolean;
  readonly serverName?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  readonly certData?: string;
  readonly keyData?: string;
  readonly caData?: string;
}
