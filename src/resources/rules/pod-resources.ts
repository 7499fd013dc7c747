import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { entryOf } from '../../api/object.ts';
import { compareQuantities, parseQuantity } from '../../api/quantity.ts';
import type { PodSpec, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import { limitsOf, type ReadonlyAmounts, requestsOf, together } from './pod-amounts.ts';
import { isHugePages, resourceName, resources } from './quantities.ts';

/** Requests and limits of the pod as a whole, and its quality of service. */

/** What all containers request together. */
export const containerRequests = (spec: PodSpec): ReadonlyAmounts => together(spec, requestsOf);

const containerLimits = (spec: PodSpec): ReadonlyAmounts => together(spec, limitsOf);

const podLevelNames = ['cpu', 'memory'];
const isPodLevel = (name: string): boolean => podLevelNames.includes(name) || isHugePages(name);

function podResourceName(errors: ErrorList, path: FieldPath, name: string): void {
  if (resourceName(errors, path, name) && !isPodLevel(name)) {
    errors.notSupported(path, name, [...podLevelNames, 'hugepages-']);
  }
}

/** What the pod has as a whole must do for its containers together. */
function enough(
  errors: ErrorList,
  path: FieldPath,
  whole: string | undefined,
  parts: string,
  what: 'requests' | 'limits',
): void {
  if (whole === undefined || compareQuantities(parts, whole) <= 0) return;
  const text = `must be greater than or equal to aggregate container ${what} of ${parseQuantity(parts).text}`;
  errors.invalid(path, parseQuantity(whole).text, text);
}

export function podLevelResources(
  errors: ErrorList,
  path: FieldPath,
  spec: PodSpec,
  requirements: ResourceRequirements,
): void {
  if (spec.os?.name === 'windows') {
    errors.forbidden(path, 'may not be set for a windows pod');
    return;
  }
  if (requirements.claims) errors.forbidden(path.child('claims'), 'claims may not be set for Resources at pod-level');
  resources(errors, path, { ...requirements, claims: undefined } as ResourceRequirements, [], podResourceName);
  const needed = containerRequests(spec);
  const requests = (requirements.requests ?? {}) as ReadonlyAmounts;
  for (const name in needed)
    enough(errors, path.child('requests').key(name), entryOf(requests, name), needed[name]!, 'requests');
  const limits = (requirements.limits ?? {}) as ReadonlyAmounts;
  const most = containerLimits(spec);
  for (const name in most) {
    if (isHugePages(name)) enough(errors, path.child('limits').key(name), entryOf(limits, name), most[name]!, 'limits');
  }
  for (const [i, container] of (spec.containers ?? []).entries()) {
    const own = (container.resources?.limits ?? {}) as ReadonlyAmounts;
    for (const name in own) {
      const limit = entryOf(limits, name);
      if (limit === undefined || compareQuantities(own[name]!, limit) <= 0) continue;
      const at = path.child('containers').index(i).key(name).child('limits');
      errors.invalid(
        at,
        parseQuantity(own[name]!).text,
        `must be less than or equal to pod limits of ${parseQuantity(limit).text}`,
      );
    }
  }
}

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const positive = (amounts: ReadonlyAmounts | undefined, name: string): bigint => {
  const value = entryOf(amounts, name);
  return value === undefined ? 0n : parseQuantity(value).nano;
};

/** One set of requirements: nothing asked for, everything promised, or something between. */
function qosOf(requirements: ResourceRequirements | undefined): QosClass {
  const requests = requirements?.requests as ReadonlyAmounts | undefined;
  const limits = requirements?.limits as ReadonlyAmounts | undefined;
  const asks = podLevelNames.some((name) => positive(requests, name) > 0n || positive(limits, name) > 0n);
  if (!asks) return 'BestEffort';
  const promised = podLevelNames.every((name) => {
    const limit = positive(limits, name);
    const request = requests?.[name] === undefined ? limit : positive(requests, name);
    return limit > 0n && request === limit;
  });
  return promised ? 'Guaranteed' : 'Burstable';
}

/** The quality-of-service class. Source: core/helper/qos ComputePodQOS. */
export function qosClass(spec: PodSpec): QosClass {
  if (spec.resources) return qosOf(spec.resources);
  const classes = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => qosOf(c.resources));
  if (classes.every((c) => c === 'BestEffort')) return 'BestEffort';
  return classes.every((c) => c === 'Guaranteed') ? 'Guaranteed' : 'Burstable';
}
