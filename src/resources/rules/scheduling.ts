import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors } from '../../api/names.ts';
import type { LabelSelectorLike } from '../../api/selector.ts';
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../../api/types/core-v1.gen.ts';
import { named, optionalOneOf, qualifiedName } from './check.ts';
import { labelSelector } from './labels.ts';

/** Where pods may and should run: affinity, tolerations and spreading. */

const operatorText = 'not a valid selector operator';

function nodeValues(errors: ErrorList, path: FieldPath, requirement: NodeSelectorRequirement): void {
  const count = requirement.values?.length ?? 0;
  const at = path.child('values');
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) errors.required(at, "must be specified when `operator` is 'In' or 'NotIn'");
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) errors.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      break;
    case 'Gt':
    case 'Lt':
      if (count !== 1) errors.required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'");
      break;
    default:
      errors.invalid(path.child('operator'), requirement.operator, operatorText);
  }
}

function nodeField(errors: ErrorList, path: FieldPath, requirement: NodeSelectorRequirement): void {
  const values = requirement.values ?? [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn') {
    errors.invalid(path.child('operator'), requirement.operator, operatorText);
  } else if (values.length !== 1) {
    const text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.required(path.child('values'), text);
  }
  if (requirement.key !== 'metadata.name') {
    errors.invalid(path.child('key'), requirement.key, 'not a valid field selector key');
    return;
  }
  for (const [i, value] of values.entries())
    named(errors, path.child('values').index(i), value, dns1123SubdomainErrors);
}

/** `anyValue`: preferences may name values that no label can have. */
function nodeTerm(errors: ErrorList, path: FieldPath, term: NodeSelectorTerm, anyValue: boolean): void {
  for (const [i, requirement] of (term.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(i);
    nodeValues(errors, at, requirement);
    qualifiedName(errors, at.child('key'), requirement.key);
    if (anyValue) continue;
    for (const [j, value] of (requirement.values ?? []).entries()) {
      named(errors, at.child('values').index(j), value, labelValueErrors);
    }
  }
  for (const [i, requirement] of (term.matchFields ?? []).entries()) {
    nodeField(errors, path.child('matchFields').index(i), requirement);
  }
}

export function nodeSelector(errors: ErrorList, path: FieldPath, selector: NodeSelector): void {
  const at = path.child('nodeSelectorTerms');
  if (!selector.nodeSelectorTerms?.length) {
    errors.required(at, 'must have at least one node selector term');
    return;
  }
  for (const [i, term] of selector.nodeSelectorTerms.entries()) nodeTerm(errors, at.index(i), term, false);
}

function weight(errors: ErrorList, path: FieldPath, value: number): void {
  if (value <= 0 || value > 100) errors.invalid(path.child('weight'), value, 'must be in the range 1-100');
}

function labelKeys(
  errors: ErrorList,
  path: FieldPath,
  keys: readonly string[] | undefined,
  selector: LabelSelectorLike | undefined,
): void {
  if (!keys?.length) return;
  if (!selector) {
    errors.forbidden(path, 'must not be specified when labelSelector is not set');
    return;
  }
  for (const [i, key] of keys.entries()) qualifiedName(errors, path.index(i), key);
}

type Keyed = Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>;

/** A key of `matchLabelKeys` becomes a requirement of the selector; a second requirement by it is a mistake. */
function repeatedKeys(errors: ErrorList, path: FieldPath, term: Keyed): void {
  const matched = term.matchLabelKeys ?? [];
  const seen = new Set(Object.keys(term.labelSelector?.matchLabels ?? {}));
  for (const { key } of term.labelSelector?.matchExpressions ?? []) {
    const i = matched.lastIndexOf(key);
    if (i >= 0 && seen.has(key)) errors.invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector');
    seen.add(key);
  }
  for (const [i, key] of matched.entries()) {
    if (!term.mismatchLabelKeys?.includes(key)) continue;
    const text = 'exists in both matchLabelKeys and mismatchLabelKeys';
    errors.invalid(path.child('matchLabelKeys').index(i), key, text);
  }
}

function podTerm(errors: ErrorList, path: FieldPath, term: PodAffinityTerm): void {
  labelSelector(errors, path.child('labelSelector'), term.labelSelector);
  labelSelector(errors, path.child('namespaceSelector'), term.namespaceSelector);
  for (const name of term.namespaces ?? []) named(errors, path.child('namespace'), name, dns1123LabelErrors);
  labelKeys(errors, path.child('matchLabelKeys'), term.matchLabelKeys, term.labelSelector);
  labelKeys(errors, path.child('mismatchLabelKeys'), term.mismatchLabelKeys, term.labelSelector);
  repeatedKeys(errors, path, term);
  if (!term.topologyKey) errors.required(path.child('topologyKey'), 'can not be empty');
  qualifiedName(errors, path.child('topologyKey'), term.topologyKey ?? '');
}

function podTerms(errors: ErrorList, path: FieldPath, terms: PodAffinity): void {
  for (const [i, term] of (terms.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    podTerm(errors, path.child('requiredDuringSchedulingIgnoredDuringExecution').index(i), term);
  }
  for (const [i, preferred] of (terms.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const at = path.child('preferredDuringSchedulingIgnoredDuringExecution').index(i);
    weight(errors, at, preferred.weight);
    podTerm(errors, at.child('podAffinityTerm'), preferred.podAffinityTerm);
  }
}

export function nodeAffinity(errors: ErrorList, path: FieldPath, value: NodeAffinity): void {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = value;
  if (required) nodeSelector(errors, path.child('requiredDuringSchedulingIgnoredDuringExecution'), required);
  for (const [i, term] of (preferred ?? []).entries()) {
    const place = path.child('preferredDuringSchedulingIgnoredDuringExecution').index(i);
    weight(errors, place, term.weight);
    nodeTerm(errors, place.child('preference'), term.preference, true);
  }
}

export function affinity(errors: ErrorList, path: FieldPath, value: Affinity | undefined): void {
  if (!value) return;
  if (value.nodeAffinity) nodeAffinity(errors, path.child('nodeAffinity'), value.nodeAffinity);
  if (value.podAffinity) podTerms(errors, path.child('podAffinity'), value.podAffinity);
  if (value.podAntiAffinity) podTerms(errors, path.child('podAntiAffinity'), value.podAntiAffinity);
}

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function tolerations(errors: ErrorList, path: FieldPath, list: readonly Toleration[] | undefined): void {
  for (const [i, toleration] of (list ?? []).entries()) {
    const at = path.index(i);
    const { key, operator, value, effect } = toleration;
    if (key) qualifiedName(errors, at.child('key'), key);
    else if (operator !== 'Exists') {
      const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.invalid(at.child('operator'), operator ?? '', text);
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.invalid(at.child('effect'), effect ?? '', text);
    }
    tolerated(errors, at, operator, value ?? '');
    if (effect) optionalOneOf(errors, at.child('effect'), effect, taintEffects, 'given');
  }
}

function tolerated(errors: ErrorList, at: FieldPath, operator: string | undefined, value: string): void {
  const path = at.child('operator');
  if (!operator || operator === 'Equal') {
    const texts = labelValueErrors(value);
    if (texts.length) errors.invalid(path, value, texts.join(';'));
  } else if (operator === 'Exists') {
    if (value) errors.invalid(path, value, "value must be empty when `operator` is 'Exists'");
  } else if (operator === 'Lt' || operator === 'Gt') compared(errors, at.child('value'), value);
  else errors.notSupported(path, operator, ['Equal', 'Exists'], 'given');
}

/** A value that taints are compared with as numbers. */
function compared(errors: ErrorList, path: FieldPath, value: string): void {
  if (value === '') errors.invalid(path, value, 'must be non-empty');
  else if (!/^(0|-?[1-9][0-9]*)$/.test(value)) {
    errors.invalid(path, value, 'must be a valid decimal integer in canonical form');
  }
  const why = /^[+-]?[0-9]+$/.test(value) ? outOfRange(BigInt(value.replace('+', ''))) : 'invalid syntax';
  if (why) errors.invalid(path, value, `strconv.ParseInt: parsing ${JSON.stringify(value)}: ${why}`);
}

const outOfRange = (value: bigint): string | undefined =>
  BigInt.asIntN(64, value) === value ? undefined : 'value out of range';

const inclusionPolicies = ['Honor', 'Ignore'];

function minDomains(errors: ErrorList, path: FieldPath, constraint: TopologySpreadConstraint): void {
  const count = constraint.minDomains;
  if (count === undefined) return;
  if (count <= 0) errors.invalid(path, count, 'must be greater than zero');
  if (constraint.whenUnsatisfiable === 'DoNotSchedule') return;
  const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${constraint.whenUnsatisfiable}`;
  errors.invalid(path, count, text);
}

export function topologySpread(
  errors: ErrorList,
  path: FieldPath,
  constraints: readonly TopologySpreadConstraint[] | undefined,
): void {
  for (const [i, constraint] of (constraints ?? []).entries()) {
    const at = path.index(i);
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    if (maxSkew <= 0) errors.invalid(at.child('maxSkew'), maxSkew, 'must be greater than zero');
    if (!topologyKey) errors.required(at.child('topologyKey'), 'can not be empty');
    optionalOneOf(errors, at.child('whenUnsatisfiable'), whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway']);
    const rest = constraints?.slice(i + 1) ?? [];
    if (rest.some((c) => c.topologyKey === topologyKey && c.whenUnsatisfiable === whenUnsatisfiable)) {
      errors.duplicate(at.child('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${whenUnsatisfiable}}`);
    }
    minDomains(errors, at.child('minDomains'), constraint);
    optionalOneOf(errors, at.child('nodeAffinityPolicy'), constraint.nodeAffinityPolicy, inclusionPolicies);
    optionalOneOf(errors, at.child('nodeTaintsPolicy'), constraint.nodeTaintsPolicy, inclusionPolicies);
    labelKeys(errors, at.child('matchLabelKeys'), constraint.matchLabelKeys, constraint.labelSelector);
    repeatedKeys(errors, at, constraint);
    labelSelector(errors, at.child('labelSelector'), constraint.labelSelector);
  }
}
