import { parseDuration } from '../../api/duration.ts';
import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { qualifiedNameErrors } from '../../api/names.ts';
import { nodeAffinity } from '../../resources/rules/scheduling.ts';
import type { NodeResourcesFitArgs, PluginArgs, PodTopologySpreadArgs, ResourceSpec, ShapePoint } from './types.ts';

type Rule<T> = (errors: ErrorList, path: FieldPath, args: T) => void;

/** What arguments must satisfy. Source: apis/config/validation `validation_pluginargs.go`. */
const rules: { readonly [Name in keyof PluginArgs]: Rule<PluginArgs[Name]> } = {
  DefaultPreemption(errors, path, { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute }) {
    const [a, b] = [path.child('minCandidateNodesPercentage'), path.child('minCandidateNodesAbsolute')];
    if (percentage < 0 || percentage > 100) errors.invalid(a, percentage, 'not in valid range [0, 100]');
    if (absolute < 0) errors.invalid(b, absolute, 'not in valid range [0, inf)');
    if (percentage !== 0 || absolute !== 0) return;
    errors.invalid(a, percentage, 'cannot be zero at the same time as minCandidateNodesAbsolute');
    errors.invalid(b, absolute, 'cannot be zero at the same time as minCandidateNodesPercentage');
  },
  InterPodAffinity(errors, path, { hardPodAffinityWeight: weight }) {
    if (weight >= 0 && weight <= 100) return;
    errors.invalid(path.child('hardPodAffinityWeight'), weight, 'not in valid range [0, 100]');
  },
  NodeAffinity(errors, path, { addedAffinity }) {
    if (addedAffinity) nodeAffinity(errors, path.child('addedAffinity'), addedAffinity);
  },
  NodeResourcesBalancedAllocation(errors, path, { resources }) {
    const seen = new Set<string>();
    for (const [i, { name, weight }] of resources.entries()) {
      const at = path.child('resources').index(i);
      if (seen.has(name)) errors.duplicate(at.child('name'), name);
      seen.add(name);
      if (weight !== 1) errors.invalid(at.child('weight'), weight, 'must be 1');
    }
  },
  NodeResourcesFit: fit,
  PodTopologySpread: spread,
  VolumeBinding(errors, path, { bindTimeoutSeconds, shape }) {
    if (bindTimeoutSeconds < 0) {
      const text = 'invalid BindTimeoutSeconds, should not be a negative value';
      errors.invalid(path.child('bindTimeoutSeconds'), bindTimeoutSeconds, text);
    }
    if (!shape) return;
    const text = 'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring';
    errors.invalid(path.child('shape'), shape, text);
  },
  DynamicResources(errors, path, { filterTimeout, bindingTimeout }) {
    if (parseDuration(filterTimeout) < 0) {
      errors.invalid(path.child('filterTimeout'), filterTimeout, 'must be zero or positive');
    }
    if (parseDuration(bindingTimeout) < 1e9) {
      errors.invalid(path.child('bindingTimeout'), bindingTimeout, 'must be at least 1 second');
    }
  },
};

/** Checks the arguments of one plugin; of a plugin without any there is nothing to check. */
export function validateArgs(errors: ErrorList, path: FieldPath, plugin: string, args: PluginArgs): void {
  if (!Object.hasOwn(rules, plugin)) return;
  const name = plugin as keyof PluginArgs;
  (rules[name] as Rule<unknown>)(errors, path, args[name]);
}

function qualified(errors: ErrorList, path: FieldPath, value: string): void {
  for (const text of qualifiedNameErrors(value)) errors.invalid(path, value, text);
}

const strategies = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];

function fit(errors: ErrorList, path: FieldPath, args: NodeResourcesFitArgs): void {
  const { ignoredResources = [], ignoredResourceGroups = [], scoringStrategy } = args;
  for (const [i, name] of ignoredResources.entries()) qualified(errors, path.child('ignoredResources').index(i), name);
  for (const [i, group] of ignoredResourceGroups.entries()) {
    const at = path.child('ignoredResourceGroups').index(i);
    if (group.includes('/')) errors.invalid(at, group, "resource group name can't contain '/'");
    qualified(errors, at, group);
  }
  const strategy = path.child('scoringStrategy');
  const { type, resources, requestedToCapacityRatio: ratio } = scoringStrategy;
  if (!strategies.includes(type)) errors.notSupported(strategy.child('type'), type, strategies);
  weights(errors, strategy.child('resources'), resources);
  const at = strategy.child('requestedToCapacityRatio');
  if (type !== 'RequestedToCapacityRatio') {
    if (ratio) errors.forbidden(at, 'must be nil when type is not RequestedToCapacityRatio');
  } else if (!ratio) errors.required(at, 'must be specified when type is RequestedToCapacityRatio');
  else functionShape(errors, at.child('shape'), ratio.shape ?? []);
}

function weights(errors: ErrorList, path: FieldPath, resources: readonly ResourceSpec[]): void {
  for (const [i, { name, weight }] of resources.entries()) {
    if (weight > 0 && weight <= 100) continue;
    errors.invalid(path.index(i).child('weight'), weight, `resource weight of ${name} not in valid range (0, 100]`);
  }
}

function functionShape(errors: ErrorList, path: FieldPath, shape: readonly ShapePoint[]): void {
  if (shape.length === 0) {
    errors.required(path, 'at least one point must be specified');
    return;
  }
  const back = shape.findIndex(({ utilization }, i) => i > 0 && shape[i - 1]!.utilization >= utilization);
  if (back > 0) {
    const text = 'values must be sorted in increasing order';
    errors.invalid(path.index(back).child('utilization'), shape[back]!.utilization, text);
  }
  for (const [i, { utilization, score }] of shape.entries()) {
    const at = path.index(i);
    if (utilization < 0 || utilization > 100) {
      errors.invalid(at.child('utilization'), utilization, 'not in valid range [0, 100]');
    }
    if (score < 0 || score > 10) errors.invalid(at.child('score'), score, 'not in valid range [0, 10]');
  }
}

const actions = ['DoNotSchedule', 'ScheduleAnyway'];

function spread(errors: ErrorList, path: FieldPath, args: PodTopologySpreadArgs): void {
  const { defaultingType, defaultConstraints = [] } = args;
  const at = path.child('defaultingType');
  if (defaultingType !== 'System' && defaultingType !== 'List') {
    errors.notSupported(at, defaultingType, ['System', 'List'], 'given');
  } else if (defaultingType === 'System' && defaultConstraints.length > 0) {
    errors.invalid(at, defaultingType, 'when .defaultConstraints are not empty');
  }
  const seen = new Set<string>();
  for (const [i, constraint] of defaultConstraints.entries()) {
    const place = path.child('defaultConstraints').index(i);
    const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint;
    if (maxSkew <= 0) errors.invalid(place.child('maxSkew'), maxSkew, 'not in valid range (0, inf)');
    if (!topologyKey) errors.required(place.child('topologyKey'), 'can not be empty');
    else qualified(errors, place.child('topologyKey'), topologyKey);
    if (!whenUnsatisfiable) errors.required(place.child('whenUnsatisfiable'), 'can not be empty');
    else if (!actions.includes(whenUnsatisfiable)) {
      errors.notSupported(place.child('whenUnsatisfiable'), whenUnsatisfiable, actions);
    }
    if (labelSelector) {
      const text = 'constraint must not define a selector, as they deduced for each pod';
      errors.forbidden(place.child('labelSelector'), text);
    }
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.duplicate(place, pair);
    seen.add(pair);
  }
}
