import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { labelValueErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Node, Taint } from '../../api/types/core-v1.gen.ts';
import { bothFamilies, cidr, oneOf, qualifiedName } from '../rules/check.ts';
import { resourceQuantity } from '../rules/quantities.ts';
import { taintEffects } from '../rules/scheduling.ts';

/** Rules of Nodes. Source: ValidateNode, ValidateNodeUpdate. */

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');
/** Upstream reports taints below metadata. */
const taintPath = FieldPath.of('metadata', 'taints');

type Amounts = Readonly<Record<string, string>>;

export function nodeDefaults(object: Mutable<Node>): void {
  object.spec ??= {};
  if (object.spec.podCIDR && !object.spec.podCIDRs?.length) object.spec.podCIDRs = [object.spec.podCIDR];
  const own = object.status;
  if (own?.capacity && !own.allocatable) own.allocatable = { ...own.capacity };
}

function taints(errors: ErrorList, list: readonly Taint[] | undefined): void {
  const seen = new Set<string>();
  for (const [i, taint] of (list ?? []).entries()) {
    const at = taintPath.index(i);
    qualifiedName(errors, at.child('key'), taint.key);
    const texts = labelValueErrors(taint.value ?? '');
    if (texts.length) errors.invalid(at.child('value'), taint.value, texts.join(';'));
    oneOf(errors, at.child('effect'), taint.effect, taintEffects, 'given');
    const key = `${taint.effect}/${taint.key}`;
    if (seen.has(key)) errors.duplicate(at, taint, 'taints must be unique by key and effect pair');
    seen.add(key);
  }
}

function amounts(errors: ErrorList, object: Node): void {
  for (const field of ['capacity', 'allocatable'] as const) {
    const list = object.status?.[field] as Amounts | undefined;
    for (const name in list) resourceQuantity(errors, status.child(field, name), name, list[name]!);
  }
}

export function validateNode(object: Node, errors: ErrorList): void {
  taints(errors, object.spec?.taints);
  amounts(errors, object);
  const ranges = object.spec?.podCIDRs ?? [];
  const at = spec.child('podCIDRs');
  for (const [i, range] of ranges.entries()) cidr(errors, at.index(i), range);
  if (ranges.length < 2) return;
  if (ranges.length > 2 || !bothFamilies(ranges.map((range) => range.split('/')[0] ?? ''))) {
    errors.invalid(at, ranges, 'may specify no more than one CIDR for each IP family');
  }
  for (const [i, range] of ranges.entries()) if (ranges.indexOf(range) !== i) errors.duplicate(at.index(i), range);
}

export function validateNodeUpdate(object: Node, old: Node, errors: ErrorList): void {
  const seen = new Set<string>();
  for (const [i, address] of (object.status?.addresses ?? []).entries()) {
    const key = `${address.type}/${address.address}`;
    if (seen.has(key)) errors.duplicate(status.child('addresses').index(i), address);
    seen.add(key);
  }
  if (old.spec?.podCIDRs?.length && !sameValue(old.spec.podCIDRs, object.spec?.podCIDRs)) {
    errors.forbidden(spec.child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid');
  }
  if (old.spec?.providerID && old.spec.providerID !== object.spec?.providerID) {
    errors.forbidden(spec.child('providerID'), 'node updates may not change providerID except from "" to valid');
  }
}

export function validateNodeStatus(object: Node, old: Node, errors: ErrorList): void {
  amounts(errors, object);
  validateNodeUpdate(object, old, errors);
}
