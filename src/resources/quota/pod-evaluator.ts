import type { KubeObject } from '../../api/object.ts';
import { parseQuantity, type Quantity } from '../../api/quantity.ts';
import type {
  Container,
  ContainerStatus,
  Pod,
  PodAffinityTerm,
  ScopedResourceSelectorRequirement,
} from '../../api/types/core-v1.gen.ts';
import { classPrefix } from '../resource/extended-classes.ts';
import {
  type Amounts,
  addAmounts,
  limitsOf,
  ofPod,
  type ReadonlyAmounts,
  raiseAmounts,
  requestsOf,
} from '../rules/pod-amounts.ts';
import { qosClass } from '../rules/pod-resources.ts';
import { isExtendedResource, isHugePages, isNative } from '../rules/quantities.ts';
import { countName, type Evaluator } from './evaluator.ts';
import { selects } from './scopes.ts';
import { one, type Usage } from './usage.ts';

/** What pods use. Source: pkg/quota/v1/evaluator/core/pods.go. */

const podOf = (object: KubeObject): Pod => object as unknown as Pod;

/** Amounts a container asks for that quotas limit both as requests and as limits. */
const computeNames = ['cpu', 'memory', 'ephemeral-storage'];
const podNames = new Set([
  countName('pods'),
  'pods',
  ...computeNames.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);

/** A mistake of old that stays: who limits these wants every container to name them. */
const namedByAll = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

const isQuotaOfDevices = (name: string): boolean =>
  name.startsWith('requests.') && (!isNative(name) || name.startsWith(`requests.${classPrefix}`));

function measures(name: string): boolean {
  return podNames.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-') || isQuotaOfDevices(name);
}

/** Requests and limits under the names that quotas have for them. */
function computeUsage(requests: ReadonlyAmounts, limits: ReadonlyAmounts): Map<string, Quantity> {
  const usage = new Map<string, Quantity>();
  for (const name in requests) {
    const amount = parseQuantity(requests[name]!);
    if (computeNames.includes(name) || isHugePages(name)) usage.set(name, amount).set(`requests.${name}`, amount);
    else if (isExtendedResource(name) || name.startsWith(classPrefix)) usage.set(`requests.${name}`, amount);
  }
  for (const name of computeNames) {
    if (Object.hasOwn(limits, name)) usage.set(`limits.${name}`, parseQuantity(limits[name]!));
  }
  return usage;
}

type AmountsOf = (container: Container) => ReadonlyAmounts;

const highest = (...lists: readonly (ReadonlyAmounts | undefined)[]): Amounts => {
  const most: Amounts = {};
  for (const list of lists) if (list) raiseAmounts(most, list);
  return most;
};

const isInfeasible = ({ status }: Pod): boolean =>
  status?.conditions?.find(({ type }) => type === 'PodResizePending')?.reason === 'Infeasible';

/** While it is resized, a container uses the more of what it has and what it wants. */
function resized(pod: Pod, asked: AmountsOf, had: (status: ContainerStatus) => ReadonlyAmounts): AmountsOf {
  const { status } = pod;
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const found = new Map(statuses.filter(({ resources }) => resources).map((known) => [known.name, known]));
  if (found.size === 0) return asked;
  const hopeless = isInfeasible(pod);
  return (container) => {
    const known = found.get(container.name);
    if (!known) return asked(container);
    return hopeless ? had(known) : highest(asked(container), had(known));
  };
}

const grantedRequests = ({ resources, allocatedResources }: ContainerStatus): ReadonlyAmounts =>
  highest(resources?.requests, allocatedResources);
const grantedLimits = ({ resources }: ContainerStatus): ReadonlyAmounts => resources?.limits ?? {};

const gone: Usage = new Map([[countName('pods'), one]]);

function livingUsage(pod: Pod): Usage {
  const { spec } = pod;
  if (!spec) return gone;
  const requests = ofPod(spec, resized(pod, requestsOf, grantedRequests), 'requests');
  const limits = ofPod(spec, resized(pod, limitsOf, grantedLimits), 'limits');
  const overhead = (spec.overhead ?? {}) as ReadonlyAmounts;
  addAmounts(requests, overhead);
  for (const name in overhead) if (Object.hasOwn(limits, name)) addAmounts(limits, { [name]: overhead[name]! });
  return computeUsage(requests, limits).set('pods', one).set(countName('pods'), one);
}

/** By stored pod: they never change. */
const known = new WeakMap<Pod, Usage>();

function usageOfLiving(pod: Pod): Usage {
  let usage = known.get(pod);
  if (!usage) {
    usage = livingUsage(pod);
    if (Object.isFrozen(pod)) known.set(pod, usage);
  }
  return usage;
}

const isEnded = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** When a pod that should long be gone is no longer counted, in milliseconds. */
function graceEnd({ metadata }: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return undefined;
  return Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

const isCrossing = ({ namespaces, namespaceSelector }: PodAffinityTerm): boolean =>
  (namespaces?.length ?? 0) > 0 || (namespaceSelector !== undefined && namespaceSelector !== null);

function crossesNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  return [podAffinity, podAntiAffinity].some(
    (affinity) =>
      affinity?.requiredDuringSchedulingIgnoredDuringExecution?.some(isCrossing) ||
      affinity?.preferredDuringSchedulingIgnoredDuringExecution?.some((term) => isCrossing(term.podAffinityTerm)),
  );
}

const isBestEffort = ({ spec }: Pod): boolean => spec !== undefined && qosClass(spec) === 'BestEffort';
const hasDeadline = ({ spec }: Pod): boolean => (spec?.activeDeadlineSeconds ?? -1) >= 0;

type InScope = (pod: Pod, scope: ScopedResourceSelectorRequirement) => boolean;

const scopes: Readonly<Record<string, InScope>> = {
  Terminating: hasDeadline,
  NotTerminating: (pod) => !hasDeadline(pod),
  BestEffort: isBestEffort,
  NotBestEffort: (pod) => !isBestEffort(pod),
  PriorityClass: ({ spec }, scope) => selects(scope, spec?.priorityClassName ? [spec.priorityClassName] : []),
  CrossNamespacePodAffinity: crossesNamespaces,
};

const isGiven = (amounts: ReadonlyAmounts | undefined): boolean => Object.keys(amounts ?? {}).length > 0;

/** "limits.cpu for: a,b; requests.cpu for: a". A pod that says what it needs as a whole need not say it of its parts. */
function missing({ spec }: Pod, names: readonly string[]): string | undefined {
  const wanted = names.filter((name) => namedByAll.has(name)).sort();
  if (!spec || wanted.length === 0 || isGiven(spec.resources?.requests) || isGiven(spec.resources?.limits))
    return undefined;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => ({
    name: container.name,
    has: computeUsage(requestsOf(container), limitsOf(container)),
  }));
  const texts = wanted.flatMap((name) => {
    const silent = containers.filter(({ has }) => !has.has(name)).map((container) => container.name);
    return silent.length === 0 ? [] : [`${name} for: ${[...new Set(silent)].sort().join(',')}`];
  });
  return texts.length === 0 ? undefined : `must specify ${texts.join('; ')}`;
}

export const podEvaluator: Evaluator = {
  resource: 'pods',
  measures,
  varies: true,
  charges: ({ operation, subresource }) => (operation === 'CREATE' ? subresource === '' : subresource === 'resize'),
  usage(object, now) {
    const pod = podOf(object);
    if (isEnded(pod) || (graceEnd(pod) ?? Number.POSITIVE_INFINITY) < now) return gone;
    return usageOfLiving(pod);
  },
  until: (object) => (isEnded(podOf(object)) ? undefined : graceEnd(podOf(object))),
  inScope: (object, scope) => Object.hasOwn(scopes, scope.scopeName) && scopes[scope.scopeName]!(podOf(object), scope),
  missing: (object, names) => missing(podOf(object), names),
};
