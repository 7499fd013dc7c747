import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { comparable } from '../../api/json-number.ts';
import { labelValueErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { Node, Taint } from '../../api/types/core-v1.gen.ts';
import { jsonValue } from '../../base/json-value.ts';
import { bothFamilies, cidr, distinct, oneOf, qualifiedName } from '../rules/check.ts';
import { resourceQuantity } from '../rules/quantities.ts';
import { taintEffects } from '../rules/scheduling.ts';
import { reportedConfig, wantedConfig } from './node-config-rules.ts';

/** Rules of Nodes. Source: ValidateNode, ValidateNodeUpdate. */

const metadata = FieldPath.of('metadata');
const spec = FieldPath.of('spec');
const status = FieldPath.of('status');
/** Upstream reports taints below metadata. */
const taintPath = metadata.child('taints');
const annotations = metadata.child('annotations');

type Amounts = Readonly<Record<string, string>>;

export function nodeDefaults(object: Mutable<Node>): void {
  object.spec ??= {};
  if (object.spec.podCIDR && !object.spec.podCIDRs?.length) object.spec.podCIDRs = [object.spec.podCIDR];
  const own = object.status;
  if (own?.capacity && !own.allocatable) own.allocatable = { ...own.capacity };
}

function taints(errors: ErrorList, path: FieldPath, list: readonly Taint[] | undefined): void {
  const seen = new Set<string>();
  for (const [i, taint] of (list ?? []).entries()) {
    const at = path.index(i);
    qualifiedName(errors, at.child('key'), taint.key ?? '');
    const texts = labelValueErrors(taint.value ?? '');
    if (texts.length) errors.invalid(at.child('value'), taint.value, texts.join(';'));
    oneOf(errors, at.child('effect'), taint.effect, taintEffects, 'given');
    const key = `${taint.effect}/${taint.key}`;
    if (seen.has(key)) errors.duplicate(at, taint, 'taints must be unique by key and effect pair');
    seen.add(key);
  }
}

const taintsKey = 'scheduler.alpha.kubernetes.io/taints';
const avoidKey = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

interface Avoided {
  readonly podSignature?: { readonly podController?: { readonly controller?: boolean } };
}

/** What is written into an annotation, if it can be read as what it must be. */
function parsed<T>(text: string, isSound: (value: unknown) => value is T): T | undefined {
  const value = jsonValue(text);
  return isSound(value) ? value : undefined;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTaints = (value: unknown): value is Taint[] =>
  Array.isArray(value) &&
  value.every((item) => isObject(item) && Object.values(item).every((field) => typeof field === 'string'));
const isAvoidance = (value: unknown): value is { readonly preferAvoidPods?: readonly Avoided[] } =>
  isObject(value) && (!('preferAvoidPods' in value) || isObjects(value.preferAvoidPods));
const isObjects = (value: unknown): value is object[] => Array.isArray(value) && value.every(isObject);

/** Taints and advice to the scheduler as they were written before there were fields. */
function notes(errors: ErrorList, object: Node): void {
  const { [taintsKey]: tainted, [avoidKey]: avoided } = object.metadata.annotations ?? {};
  if (tainted) {
    const list = parsed(tainted, isTaints);
    if (list) taints(errors, annotations.child(taintsKey), list);
    else errors.invalid(annotations, taintsKey, `cannot read ${JSON.stringify(tainted)} as a list of taints`);
  }
  if (!avoided) return;
  const advice = parsed(avoided, isAvoidance);
  if (!advice) {
    const text = `cannot read ${JSON.stringify(avoided)} as pods to avoid`;
    errors.invalid(annotations.child('AvoidPods'), avoidKey, text);
  }
  for (const [i, { podSignature }] of (advice?.preferAvoidPods ?? []).entries()) {
    const at = annotations.child(avoidKey).index(i).child('PodSignature');
    const owner = podSignature?.podController;
    if (!owner) errors.required(at);
    else if (owner.controller !== true) {
      const path = at.child('PodController', 'Controller');
      errors.invalid(path, owner.controller ?? false, 'must point to a controller');
    }
  }
}

function amounts(errors: ErrorList, object: Node): void {
  for (const field of ['capacity', 'allocatable'] as const) {
    const list = object.status?.[field] as Amounts | undefined;
    for (const name in list) resourceQuantity(errors, status.child(field, name), name, list[name]!);
  }
}

const featureName = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z0-9]+)*$/;
const maxFeatureName = 253;
const featureText =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or " +
  'MyFeature/mySubFeature), and contain only alphanumeric characters and slashes';

/** What a kubelet can do beyond its version: names, sorted and each once. */
function declaredFeatures(errors: ErrorList, names: readonly string[] | undefined): void {
  const path = status.child('declaredFeatures');
  for (const [i, name] of (names ?? []).entries()) {
    const before = names![i - 1];
    if (before === name) errors.duplicate(path.index(i), name);
    else if (before !== undefined && before > name) {
      errors.invalid(path.index(i), name, 'list must be sorted alphabetically');
    }
    const what = `invalid feature name ${JSON.stringify(name)}:`;
    if (name.length > maxFeatureName) {
      errors.invalid(path.index(i), name, `${what} must be no more than ${maxFeatureName} characters`);
    } else if (!featureName.test(name)) errors.invalid(path.index(i), name, `${what} ${featureText}`);
  }
}

function podRanges(errors: ErrorList, ranges: readonly string[]): void {
  const at = spec.child('podCIDRs');
  for (const [i, range] of ranges.entries()) cidr(errors, at.index(i), range);
  if (ranges.length < 2) return;
  if (ranges.length > 2 || !bothFamilies(ranges.map((range) => range.split('/')[0] ?? ''))) {
    errors.invalid(at, ranges, 'may specify no more than one CIDR for each IP family');
  }
}

/** A new node, or the main resource of a changed one. */
export function validateNode(object: Node, errors: ErrorList, old?: Node): void {
  // On an update the rules of updates find the rest.
  if (!old) common(errors, object);
  const swap = object.status?.nodeInfo?.swap?.capacity;
  if (swap !== undefined && comparable(swap) <= 0) {
    errors.invalid(metadata.child('nodeSwapStatus', 'capacity'), swap, 'must be greater than zero');
  }
  podRanges(errors, object.spec?.podCIDRs ?? []);
}

function common(errors: ErrorList, object: Node): void {
  notes(errors, object);
  taints(errors, taintPath, object.spec?.taints);
  amounts(errors, object);
  declaredFeatures(errors, object.status?.declaredFeatures);
}

/** A range given to a node stays: pods have addresses from it. */
function keptRanges(errors: ErrorList, now: readonly string[], old: readonly string[]): void {
  const kept = old.length === now.length && old.every((range, i) => now[i] === range);
  if (old.length === 0 || kept) return;
  errors.forbidden(spec.child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid');
}

/** Both the main resource and the status: upstream checks either as a whole. */
export function validateNodeUpdate(object: Node, old: Node, errors: ErrorList): void {
  common(errors, object);
  distinct(
    errors,
    object.status?.addresses,
    ({ type, address }) => `${type}/${address}`,
    (i) => status.child('addresses').index(i),
    (address) => address,
  );
  const [now, before] = [object.spec ?? {}, old.spec ?? {}];
  keptRanges(errors, now.podCIDRs ?? [], before.podCIDRs ?? []);
  if (before.providerID && before.providerID !== now.providerID) {
    errors.forbidden(spec.child('providerID'), 'node updates may not change providerID except from "" to valid');
  }
  if (now.configSource) wantedConfig(errors, spec.child('configSource'), now.configSource);
  if (object.status?.config) reportedConfig(errors, status.child('config'), object.status.config);
  if ((now.externalID ?? '') !== (before.externalID ?? '')) {
    errors.forbidden(spec.child('externalID'), 'may not be updated');
  }
}
