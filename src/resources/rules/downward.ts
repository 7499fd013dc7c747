import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { canonicalQuantity } from '../../api/quantity.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../api/types/core-v1.gen.ts';
import { qualifiedName } from './check.ts';

/** What containers and volumes may learn about their own pod. */

export const envFields: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export const volumeFields: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Every label that converts to a pod field at all. */
const knownFields = new Set([
  ...envFields,
  ...volumeFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

const containerResources: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const isHugePages = (resource: string): boolean => /^(requests|limits)\.hugepages-/.test(resource);

/** `metadata.labels['app']` → path and key. */
const subscripted = /^(.+)\['([^']*)'\]$/;

export function fieldSelector(
  errors: ErrorList,
  path: FieldPath,
  selector: ObjectFieldSelector,
  allowed: readonly string[],
): void {
  if (!selector.apiVersion) {
    errors.required(path.child('apiVersion'));
    return;
  }
  if (!selector.fieldPath) {
    errors.required(path.child('fieldPath'));
    return;
  }
  const parts = subscripted.exec(selector.fieldPath);
  const field = parts?.[1] ?? selector.fieldPath;
  const convertible = parts ? field === 'metadata.annotations' || field === 'metadata.labels' : knownFields.has(field);
  if (selector.apiVersion !== 'v1') {
    const text = `error converting fieldPath: unsupported pod version: ${selector.apiVersion}`;
    errors.invalid(path.child('fieldPath'), selector.fieldPath, text);
    return;
  }
  if (parts && !convertible && knownFields.has(field)) {
    const text = 'error converting fieldPath: field label does not support subscript';
    errors.invalid(path.child('fieldPath'), selector.fieldPath, text);
    return;
  }
  if (!convertible) {
    const text = `error converting fieldPath: field label not supported: ${field}`;
    errors.invalid(path.child('fieldPath'), selector.fieldPath, text);
    return;
  }
  if (!parts) {
    if (!allowed.includes(field)) errors.notSupported(path.child('fieldPath'), field, allowed);
    return;
  }
  const key = parts[2] ?? '';
  qualifiedName(errors, path, field === 'metadata.annotations' ? key.toLowerCase() : key);
}

const sizes = ['1', ...['k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((unit) => `1${unit}`)];
const sizeText = (what: string) => `only divisor's values ${sizes.join(', ')} are supported with the ${what} resource`;

interface DivisorRule {
  readonly values: readonly string[];
  readonly text: string;
}

function divisorRule(resource: string): DivisorRule | undefined {
  const name = resource.slice(resource.indexOf('.') + 1);
  if (name === 'cpu') {
    return { values: ['1m', '1'], text: "only divisor's values 1m and 1 are supported with the cpu resource" };
  }
  if (name === 'memory') return { values: sizes, text: sizeText('memory') };
  if (name === 'ephemeral-storage') return { values: sizes, text: sizeText('local ephemeral storage') };
  return isHugePages(resource) ? { values: sizes, text: sizeText('hugepages') } : undefined;
}

export function resourceSelector(
  errors: ErrorList,
  path: FieldPath,
  selector: ResourceFieldSelector,
  inVolume: boolean,
): void {
  const { resource } = selector;
  if (inVolume && !selector.containerName) errors.required(path.child('containerName'));
  else if (!resource) errors.required(path.child('resource'));
  else if (!containerResources.includes(resource) && !isHugePages(resource)) {
    errors.notSupported(path.child('resource'), resource, containerResources);
  }
  const divisor = selector.divisor === undefined ? '0' : canonicalQuantity(selector.divisor);
  const rule = resource ? divisorRule(resource) : undefined;
  if (divisor !== '0' && rule && !rule.values.includes(divisor)) {
    errors.invalid(path.child('divisor'), resource, rule.text);
  }
}
