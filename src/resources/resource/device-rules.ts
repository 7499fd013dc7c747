import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { sameValue } from '../../api/object-meta.ts';
import type {
  Counter,
  CounterSet,
  Device,
  DeviceAttribute,
  DeviceCounterConsumption,
  NodeAllocatableResourceMapping,
} from '../../api/types/resource-v1.gen.ts';
import { label, present, subdomain } from '../rules/check.ts';
import { nodeSelector } from '../rules/scheduling.ts';
import { bindingConditions } from './binding-condition-rules.ts';
import { capacity } from './capacity-rules.ts';
import { attributeName, distinctUpTo, upTo } from './names.ts';
import { taint } from './toleration-rules.ts';

/** One device of a ResourceSlice. Source: resource/validation validateDevice. */

const maxEntries = 32;
const maxAttributeValues = 48;
const maxValue = 64;
const maxTaints = 16;
const maxCounterSets = 2;
const maxCounters = 32;

const number = '(0|[1-9]\\d*)';
const preRelease = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const build = '[0-9a-zA-Z-]+';
const semver = new RegExp(
  `^${number}\\.${number}\\.${number}(-${preRelease}(\\.${preRelease})*)?(\\+${build}(\\.${build})*)?$`,
);

function text(errors: ErrorList, path: FieldPath, value: string): void {
  if (Buffer.byteLength(value) > maxValue) errors.tooLong(path, maxValue);
}

function version(errors: ErrorList, path: FieldPath, value: string): void {
  // Longer ones are refused anyway, and the pattern is not made for them.
  const fits = value.length <= 4 * maxValue && semver.test(value);
  if (!fits) errors.invalid(path, value, 'must be a string compatible with semver.org spec 2.0.0');
  text(errors, path, value);
}

const kindsOfValue = ['bool', 'int', 'string', 'version', 'bools', 'ints', 'strings', 'versions'] as const;

function attribute(errors: ErrorList, path: FieldPath, value: DeviceAttribute): void {
  if (value.string !== undefined) text(errors, path.child('string'), value.string);
  if (value.version !== undefined) version(errors, path.child('version'), value.version);
  for (const [i, item] of (value.strings ?? []).entries()) text(errors, path.child('strings').index(i), item);
  for (const [i, item] of (value.versions ?? []).entries()) version(errors, path.child('versions').index(i), item);
  const count = kindsOfValue.filter((kind) => value[kind] !== undefined).length;
  if (count !== 1) errors.invalid(path, count === 0 ? '' : value, 'exactly one value must be specified');
}

/** Lists count by what they hold. */
function valuesOf(attributes: readonly DeviceAttribute[]): number {
  const lists = ['bools', 'ints', 'strings', 'versions'] as const;
  return attributes.reduce((sum, value) => {
    const count = lists.reduce((all, list) => all + (value[list]?.length ?? 0), 0);
    return sum + (count || 1);
  }, 0);
}

/** Keys are shown whole when they are short enough to be right, else with their middle left away. */
const cut = (key: string, max: number): string => {
  if (key.length <= max) return key;
  const rest = max - 3;
  return `${key.slice(0, Math.ceil(rest / 2))}...${key.slice(key.length - Math.floor(rest / 2))}`;
};
const maxKey = 63 + 1 + 32;

function map<T>(
  errors: ErrorList,
  path: FieldPath,
  values: Readonly<Record<string, T>> | undefined,
  keyRule: (errors: ErrorList, path: FieldPath, key: string) => void,
  item: (path: FieldPath, value: T) => void,
  longestKey = maxKey,
): void {
  for (const [key, value] of Object.entries(values ?? {})) {
    keyRule(errors, path, key);
    item(path.key(cut(key, longestKey)), value);
  }
}

const maxLabel = 63;

/** Names of counters; any amount is fine. */
export function counters(
  errors: ErrorList,
  path: FieldPath,
  values: Readonly<Record<string, Counter>> | undefined,
): void {
  const count = Object.keys(values ?? {}).length;
  if (count === 0) errors.required(path);
  else if (count > maxCounters) errors.tooMany(path, count, maxCounters);
  else map(errors, path, values, label, () => {}, maxLabel);
}

export function counterSet(errors: ErrorList, path: FieldPath, { name, counters: values }: CounterSet): void {
  if (present(errors, path.child('name'), name)) label(errors, path.child('name'), name);
  counters(errors, path.child('counters'), values);
}

function consumption(errors: ErrorList, path: FieldPath, value: DeviceCounterConsumption): void {
  const at = path.child('counterSet');
  if (present(errors, at, value.counterSet)) label(errors, at, value.counterSet);
  counters(errors, path.child('counters'), value.counters);
}

const placedBy =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

/** Where a device is, when the slice leaves that to its devices. */
function place(errors: ErrorList, path: FieldPath, device: Device): void {
  const set: string[] = [];
  if (device.nodeName) {
    set.push('`nodeName`');
    subdomain(errors, path.child('nodeName'), device.nodeName);
  } else if (device.nodeName === '') errors.invalid(path.child('nodeName'), '', 'must not be empty');
  if (device.nodeSelector) {
    set.push('`nodeSelector`');
    nodeSelector(errors, path.child('nodeSelector'), device.nodeSelector);
  }
  if (device.allNodes) set.push('`allNodes`');
  else if (device.allNodes === false) {
    errors.invalid(path.child('allNodes'), false, 'must be either unset or set to true');
  }
  if (set.length === 0) errors.required(path, placedBy);
  else if (set.length > 1) errors.invalid(path, `{${set.join(', ')}}`, placedBy);
}

const allocatable = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

function mapping(
  errors: ErrorList,
  path: FieldPath,
  resource: string,
  value: NodeAllocatableResourceMapping,
  capacities: Device['capacity'],
): void {
  if (!allocatable.test(resource)) errors.invalid(path, resource, 'must be a node allocatable resource name');
  const key = value.capacityKey;
  const at = path.child('capacityKey');
  if (key === '') errors.invalid(at, '', 'capacityKey must not be an empty string');
  else if (key !== undefined && !Object.hasOwn(capacities ?? {}, key)) errors.notFound(at, key);
}

function sizes(errors: ErrorList, path: FieldPath, device: Device): void {
  const attributes = Object.values(device.attributes ?? {});
  const entries = attributes.length + Object.keys(device.capacity ?? {}).length;
  if (entries > maxEntries) {
    errors.invalid(path, entries, `the total number of attributes and capacities must not exceed ${maxEntries}`);
  }
  const values = valuesOf(attributes);
  if (values > maxAttributeValues) {
    errors.invalid(path, values, `the total number of attribute values must not exceed ${maxAttributeValues}`);
  }
}

/** `old` is the device of this name that is stored: what it has already is not checked again. */
export function device(
  errors: ErrorList,
  path: FieldPath,
  value: Device,
  old: Device | undefined,
  placedHere: boolean,
): void {
  label(errors, path.child('name'), value.name);
  sizes(errors, path, value);
  map(errors, path.child('attributes'), value.attributes, attributeName, (at, item) => attribute(errors, at, item));
  if (!old || !sameValue(old.capacity, value.capacity)) {
    const shared = value.allowMultipleAllocations ?? false;
    map(errors, path.child('capacity'), value.capacity, attributeName, (at, item) =>
      capacity(errors, at, item, shared),
    );
  }
  if (!old || !sameValue(old.taints, value.taints)) {
    upTo(errors, path.child('taints'), value.taints, maxTaints, taint);
  }
  const sets = path.child('consumesCounters');
  distinctUpTo(errors, sets, value.consumesCounters, maxCounterSets, consumption, (item) => item.counterSet);
  if (placedHere) place(errors, path, value);
  else if (value.nodeName !== undefined || value.nodeSelector || value.allNodes !== undefined) {
    const words =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errors.invalid(path, null, words);
  }
  bindingConditions(errors, path, value);
  const mappings = path.child('nodeAllocatableResourceMappings');
  for (const [resource, item] of Object.entries(value.nodeAllocatableResourceMappings ?? {})) {
    mapping(errors, mappings.key(resource), resource, item, value.capacity);
  }
}
