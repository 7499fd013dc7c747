/** Where plugins take part, by what the field of KubeSchedulerConfiguration and upstream's interface are called. */
export const extensionPoints = {
  preFilter: 'PreFilterPlugin',
  filter: 'FilterPlugin',
  postFilter: 'PostFilterPlugin',
  reserve: 'ReservePlugin',
  preScore: 'PreScorePlugin',
  score: 'ScorePlugin',
  preBind: 'PreBindPlugin',
  bind: 'BindPlugin',
  postBind: 'PostBindPlugin',
  permit: 'PermitPlugin',
  preEnqueue: 'PreEnqueuePlugin',
  queueSort: 'QueueSortPlugin',
} as const;
export type ExtensionPoint = keyof typeof extensionPoints;

export interface KnownPlugin {
  readonly name: string;
  readonly points: readonly ExtensionPoint[];
  /** Of score plugins, unless 1. */
  readonly weight?: number;
}

const filter = ['preFilter', 'filter'] as const;
const both = ['preFilter', 'filter', 'preScore', 'score'] as const;

/**
 * Upstream's default plugins in their order (apis/config/v1 `default_plugins.go`). Where krill does in one step what
 * upstream does in two (PreFilter and Filter, PreScore and Score), the second decides whether the plugin takes part.
 */
export const knownPlugins: readonly KnownPlugin[] = [
  { name: 'SchedulingGates', points: ['preEnqueue'] },
  { name: 'PrioritySort', points: ['queueSort'] },
  { name: 'NodeUnschedulable', points: ['filter'] },
  { name: 'NodeName', points: ['filter'] },
  { name: 'TaintToleration', points: ['filter', 'preScore', 'score'], weight: 3 },
  { name: 'NodeAffinity', points: both, weight: 2 },
  { name: 'NodePorts', points: filter },
  { name: 'NodeResourcesFit', points: both },
  { name: 'VolumeRestrictions', points: filter },
  { name: 'NodeVolumeLimits', points: filter },
  { name: 'VolumeBinding', points: [...both, 'reserve', 'preBind'] },
  { name: 'VolumeZone', points: filter },
  { name: 'PodTopologySpread', points: both, weight: 2 },
  { name: 'InterPodAffinity', points: both, weight: 2 },
  { name: 'DynamicResources', points: [...filter, 'preEnqueue', 'postFilter', 'score', 'reserve', 'preBind'] },
  { name: 'DefaultPreemption', points: ['postFilter'] },
  { name: 'NodeResourcesBalancedAllocation', points: ['preScore', 'score'] },
  { name: 'ImageLocality', points: ['score'] },
  { name: 'DefaultBinder', points: ['bind'] },
];
