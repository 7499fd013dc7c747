import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { entryOf } from '../../api/object.ts';
import { addQuantities, compareQuantities, parseQuantity } from '../../api/quantity.ts';
import type { Container, PodSpec, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import { isHugePages, resourceName, resources } from './quantities.ts';

/** Requests and limits of the pod as a whole, and its quality of service. */

type Amounts = Record<string, string>;
type ReadonlyAmounts = Readonly<Record<string, string>>;

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';
const requestsOf = (container: Container): ReadonlyAmounts => (container.resources?.requests ?? {}) as ReadonlyAmounts;
const limitsOf = (container: Container): ReadonlyAmounts => (container.resources?.limits ?? {}) as ReadonlyAmounts;

function add(total: Amounts, more: ReadonlyAmounts): void {
  for (const name in more)
    total[name] = Object.hasOwn(total, name) ? addQuantities(total[name]!, more[name]!) : more[name]!;
}

function atLeast(total: Amounts, floor: ReadonlyAmounts): void {
  for (const name in floor) {
    if (!Object.hasOwn(total, name) || compareQuantities(floor[name]!, total[name]!) > 0) total[name] = floor[name]!;
  }
}

/** What all containers need at once: the apps with their sidecars, or the hungriest moment of initialization. */
export const containerRequests = (spec: PodSpec): ReadonlyAmounts => together(spec, requestsOf);

const containerLimits = (spec: PodSpec): ReadonlyAmounts => together(spec, limitsOf);

function together(spec: PodSpec, amountsOf: (container: Container) => ReadonlyAmounts): ReadonlyAmounts {
  const total: Amounts = {};
  for (const container of spec.containers ?? []) add(total, amountsOf(container));
  const sidecars: Amounts = {};
  const initial: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) {
      add(total, amountsOf(container));
      add(sidecars, amountsOf(container));
      atLeast(initial, sidecars);
    } else {
      const moment = { ...amountsOf(container) };
      add(moment, sidecars);
      atLeast(initial, moment);
    }
  }
  atLeast(total, initial);
  return total;
}

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
