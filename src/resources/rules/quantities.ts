import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { qualifiedNameErrors } from '../../api/names.ts';
import { entryOf } from '../../api/object.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import { label, negative } from './check.ts';

/** Amounts of CPU, memory and other resources. Source: validateResourceRequirements and core/helper. */

type ResourceList = Readonly<Record<string, string>>;

const standardContainerResources = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Names without a domain that mean something somewhere. */
const standardResources = new Set([
  ...standardContainerResources,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Counted things: no fractions. */
const integerResources = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
/** What Kubernetes itself counts, as opposed to a vendor. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isStandard = (name: string): boolean => standardResources.has(name) || isQuotaHugePages(name);
const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-');

/** A resource of a vendor: qualified, outside kubernetes.io, and fit to be counted by a quota. */
export function isExtendedResource(name: string): boolean {
  if (isNative(name) || name.startsWith('requests.')) return false;
  return qualifiedNameErrors(`requests.${name}`).length === 0;
}

/** CPU and memory may be promised twice; devices and huge pages may not. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

export function resourceName(errors: ErrorList, path: FieldPath, name: string): boolean {
  const texts = qualifiedNameErrors(name);
  for (const text of texts) errors.invalid(path, name, text);
  if (texts.length) return false;
  if (name.includes('/') || isStandard(name)) return true;
  errors.invalid(path, name, 'must be a standard resource type or fully qualified');
  return false;
}

/** A resource that a container may ask for. */
export function containerResourceName(errors: ErrorList, path: FieldPath, name: string): void {
  if (standardContainerResources.has(name)) return;
  resourceName(errors, path, name);
  if (!name.includes('/')) {
    if (!isHugePages(name)) errors.invalid(path, name, 'must be a standard resource for containers');
  } else if (!isNative(name) && !isExtendedResource(name)) {
    errors.invalid(path, name, "doesn't follow extended resource name standard");
  }
}

/** Names without a domain that a quota may limit: all but storage, of which it limits what is requested. */
export const isQuotaResource = (name: string): boolean => name !== 'storage' && isStandard(name);

/** A resource that a quota may limit. */
export function quotaResourceName(errors: ErrorList, path: FieldPath, name: string): void {
  resourceName(errors, path, name);
  if (!name.includes('/') && !isQuotaResource(name))
    errors.invalid(path, name, 'must be a standard resource for quota');
}

/** Not negative; whole where the resource is counted. */
export function resourceQuantity(errors: ErrorList, path: FieldPath, name: string, value: string): void {
  const quantity = parseQuantity(value);
  if (quantity.nano < 0n) errors.invalid(path, quantity.text, negative);
  if ((integerResources.has(name) || isExtendedResource(name)) && quantity.nano % 1_000_000_000n !== 0n) {
    errors.invalid(path, quantity.text, 'must be an integer');
  }
}

function hugePages(errors: ErrorList, path: FieldPath, name: string, value: string): void {
  const quantity = parseQuantity(value);
  const page = parseQuantity(name.slice('hugepages-'.length)).nano;
  if (page > 0n && quantity.nano % page === 0n) return;
  errors.invalid(path, quantity.text, `${quantity.text} is not positive integer multiple of ${name}`);
}

type NameCheck = (errors: ErrorList, path: FieldPath, name: string) => void;

function list(errors: ErrorList, path: FieldPath, values: ResourceList | undefined, nameCheck: NameCheck): void {
  for (const name in values) {
    const at = path.key(name);
    nameCheck(errors, at, name);
    resourceQuantity(errors, at, name, values[name]!);
    if (isHugePages(name)) hugePages(errors, at, name, values[name]!);
  }
}

function requestAgainstLimit(
  errors: ErrorList,
  path: FieldPath,
  name: string,
  request: string,
  limit: string | undefined,
): void {
  const overcommit = isOvercommitAllowed(name);
  if (limit === undefined) {
    if (!overcommit) errors.required(path.child('limits'), 'Limit must be set for non overcommitable resources');
    return;
  }
  const [asked, most] = [parseQuantity(request), parseQuantity(limit)];
  if (asked.nano !== most.nano && !overcommit) {
    errors.invalid(path.child('requests'), asked.text, `must be equal to ${name} limit of ${most.text}`);
  } else if (asked.nano > most.nano) {
    errors.invalid(path.child('requests'), asked.text, `must be less than or equal to ${name} limit of ${most.text}`);
  }
}

const isComputeResource = (name: string): boolean => name === 'cpu' || name === 'memory';

/** Requests and limits of a container (or of a pod, by another check of names). */
export function resources(
  errors: ErrorList,
  path: FieldPath,
  requirements: ResourceRequirements | undefined,
  claimNames: readonly string[],
  nameCheck: NameCheck = containerResourceName,
): void {
  if (!requirements) return;
  const limits = requirements.limits as ResourceList | undefined;
  const requests = requirements.requests as ResourceList | undefined;
  list(errors, path.child('limits'), limits, nameCheck);
  for (const name in requests) {
    list(errors, path.child('requests'), { [name]: requests[name]! }, nameCheck);
    requestAgainstLimit(errors, path, name, requests[name]!, entryOf(limits, name));
  }
  const names = [...Object.keys(limits ?? {}), ...Object.keys(requests ?? {})];
  if (names.some(isHugePages) && !names.some(isComputeResource)) {
    errors.forbidden(path, 'HugePages require cpu or memory');
  }
  if (requirements.claims) claims(errors, path.child('claims'), requirements.claims, claimNames);
}

/** Which of the pod's resource claims a container uses. */
function claims(
  errors: ErrorList,
  path: FieldPath,
  used: NonNullable<ResourceRequirements['claims']>,
  claimNames: readonly string[],
): void {
  const seen = new Set<string>();
  for (const [i, { name, request }] of used.entries()) {
    const at = path.index(i);
    if (!name) {
      errors.required(at);
      continue;
    }
    const key = request ? `${name}/${request}` : name;
    if (request) label(errors, at.child('request'), request);
    const overlaps = !request && [...seen].some((other) => other.startsWith(`${name}/`));
    if (seen.has(name)) errors.duplicate(at, name);
    else if (seen.has(key) || overlaps) errors.duplicate(at, key);
    seen.add(key);
    if (claimNames.includes(name)) continue;
    const known = claimNames.length ? `: ${[...claimNames].sort().join(', ')}` : ' which is empty';
    errors.notFound(at, name, `must be one of the names in pod.spec.resourceClaims${known}`);
  }
}
