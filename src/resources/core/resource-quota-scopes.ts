import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../api/types/core-v1.gen.ts';
import { isQuotaResource } from '../rules/quantities.ts';

/** Which objects a quota counts. Source: validateResourceQuotaScopes, validateScopedResourceSelectorRequirement. */

const podCounts = ['pods'];
const podAmounts = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory', ...podCounts];
const claimAmounts = ['persistentvolumeclaims', 'storage', 'requests.storage'];

/** What each scope can limit. */
const limitable: Readonly<Record<string, readonly string[]>> = {
  BestEffort: podCounts,
  NotBestEffort: podAmounts,
  Terminating: podAmounts,
  NotTerminating: podAmounts,
  PriorityClass: podAmounts,
  CrossNamespacePodAffinity: podAmounts,
  VolumeAttributesClass: claimAmounts,
};

const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

function resourcesOf(errors: ErrorList, path: FieldPath, shown: unknown, scope: string, hard: readonly string[]): void {
  if (!isKnown(scope)) return;
  for (const name of hard) {
    if (!isQuotaResource(name) || limitable[scope]!.includes(name)) continue;
    errors.invalid(path, shown, 'unsupported scope applied to resource');
  }
}

function conflicts(errors: ErrorList, path: FieldPath, shown: unknown, scopes: readonly string[]): void {
  for (const pair of opposites) {
    if (pair.every((scope) => scopes.includes(scope))) errors.invalid(path, shown, 'conflicting scopes');
  }
}

const isKnown = (scope: string): boolean => Object.hasOwn(limitable, scope);

/** Scopes that an object is in or is not: there is nothing to compare with. */
const plain = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const plainText =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';

function requirement(errors: ErrorList, path: FieldPath, value: ScopedResourceSelectorRequirement): void {
  const { scopeName, operator, values = [] } = value;
  if (plain.includes(scopeName) && operator !== 'Exists') errors.invalid(path.child('operator'), operator, plainText);
  if (operator === 'In' || operator === 'NotIn') {
    const text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.required(path.child('values'), text);
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.invalid(path.child('values'), values, text);
  } else errors.invalid(path.child('operator'), operator ?? '', 'not a valid selector operator');
}

export function quotaScopes(errors: ErrorList, path: FieldPath, spec: ResourceQuotaSpec): void {
  const hard = Object.keys(spec.hard ?? {}).sort();
  const at = path.child('scopes');
  for (const scope of spec.scopes ?? []) {
    if (!isKnown(scope)) errors.invalid(at, spec.scopes, 'unsupported scope');
    resourcesOf(errors, at, spec.scopes, scope, hard);
  }
  conflicts(errors, at, spec.scopes, spec.scopes ?? []);
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  // Upstream names no index here.
  const place = path.child('scopeSelector', 'matchExpressions');
  for (const value of expressions) {
    if (!isKnown(value.scopeName)) errors.invalid(place.child('scopeName'), value.scopeName, 'unsupported scope');
    resourcesOf(errors, place, spec.scopeSelector, value.scopeName, hard);
    requirement(errors, place, value);
  }
  const names = expressions.map(({ scopeName }) => scopeName);
  conflicts(errors, place, spec.scopes, names);
}
