import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { canonicalQuantity, compareQuantities, quantityMilli, quantityValue } from '../../api/quantity.ts';
import type { LimitRange, LimitRangeItem, LimitRangeSpec } from '../../api/types/core-v1.gen.ts';
import { qualifiedName } from '../rules/check.ts';
import { containerResourceName, isOvercommitAllowed, resourceName } from '../rules/quantities.ts';
import { specPath } from '../rules/workloads.ts';

type Amounts = Record<string, string>;

function fill(target: Amounts, source: Amounts | undefined): void {
  for (const name in source) target[name] ??= source[name]!;
}

export function limitRangeDefaults(object: Mutable<LimitRange>): void {
  const spec = (object.spec ??= {} as Mutable<LimitRangeSpec>);
  for (const item of spec.limits ?? []) {
    if (item.type !== 'Container') continue;
    const limits = ((item.default ??= {}) as Amounts | undefined)!;
    const requests = ((item.defaultRequest ??= {}) as Amounts | undefined)!;
    fill(limits, item.max as Amounts | undefined);
    fill(requests, limits);
    fill(requests, item.min as Amounts | undefined);
  }
}

const fields = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type Field = (typeof fields)[number];

/** The amount of a resource in one field. Pods have no defaults, so what is written there does not count. */
function amount(item: LimitRangeItem, field: Field, name: string): string | undefined {
  const amounts = isIgnored(item, field) ? undefined : (item[field] as Readonly<Amounts> | undefined);
  return amounts && Object.hasOwn(amounts, name) ? amounts[name] : undefined;
}

const isIgnored = (item: LimitRangeItem, field: Field): boolean =>
  item.type === 'Pod' && (field === 'default' || field === 'defaultRequest');

interface Order {
  readonly smaller: Field;
  readonly larger: Field;
  /** The field that is blamed, and the one whose amount upstream shows for it. */
  readonly blamed: Field;
  readonly shown: Field;
  readonly names: readonly [string, string];
}

const order = (smaller: Field, larger: Field, blamed: Field, shown: Field, ...names: [string, string]): Order => ({
  smaller,
  larger,
  blamed,
  shown,
  names,
});

/** Pairs that must not be the wrong way round. */
const orders: readonly Order[] = [
  order('min', 'max', 'min', 'min', 'min', 'max'),
  order('min', 'defaultRequest', 'defaultRequest', 'defaultRequest', 'min', 'default request'),
  order('defaultRequest', 'max', 'defaultRequest', 'defaultRequest', 'default request', 'max'),
  order('defaultRequest', 'default', 'defaultRequest', 'defaultRequest', 'default request', 'default limit'),
  order('min', 'default', 'default', 'min', 'min', 'default'),
  order('default', 'max', 'default', 'max', 'default', 'max'),
];

function bounds(errors: ErrorList, path: FieldPath, item: LimitRangeItem, name: string): void {
  const of = (field: Field): string | undefined => {
    const value = amount(item, field, name);
    return value === undefined ? undefined : canonicalQuantity(value);
  };
  for (const { smaller, larger, blamed, shown, names } of orders) {
    const [low, high] = [of(smaller), of(larger)];
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) continue;
    const text = `${names[0]} value ${low} is greater than ${names[1]} value ${high}`;
    errors.invalid(path.child(blamed).key(name), of(shown), text);
  }
  ratios(errors, path.child('maxLimitRequestRatio').key(name), of('maxLimitRequestRatio'), of('min'), of('max'));
  const [limit, request] = [of('default'), of('defaultRequest')];
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return;
  if (compareQuantities(limit, request) !== 0) {
    const text = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    errors.invalid(path.child('defaultRequest').key(name), request, text);
  }
}

/** Above this, upstream counts in whole units instead of thousandths. */
const maxMilli = Number.MAX_SAFE_INTEGER;

function ratios(
  errors: ErrorList,
  path: FieldPath,
  ratio: string | undefined,
  min: string | undefined,
  max: string | undefined,
): void {
  if (ratio === undefined) return;
  if (compareQuantities(ratio, '1') < 0) errors.invalid(path, ratio, `ratio ${ratio} is less than 1`);
  if (min === undefined || max === undefined) return;
  const whole = [ratio, min, max].some((value) => quantityMilli(value) > maxMilli);
  const count = whole ? quantityValue : (value: string) => quantityMilli(value) / 1000;
  const most = count(max) / count(min);
  if (count(ratio) > most) errors.invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${goFloat(most)}`);
}

/** As Go's %f. */
const goFloat = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(6) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';

const limitTypes = ['Container', 'PersistentVolumeClaim', 'Pod'];

function limitType(errors: ErrorList, path: FieldPath, type: string): void {
  const before = errors.errors.length;
  qualifiedName(errors, path, type);
  if (errors.errors.length > before || type.includes('/') || limitTypes.includes(type)) return;
  errors.invalid(path, type, 'must be a standard limit type or fully qualified');
}

const noDefaults = "may not be specified when `type` is 'Pod'";

export function validateLimitRange({ spec }: LimitRange, errors: ErrorList): void {
  const types = new Set<string>();
  for (const [i, item] of (spec?.limits ?? []).entries()) {
    const path = specPath.child('limits').index(i);
    limitType(errors, path.child('type'), item.type ?? '');
    if (types.has(item.type)) errors.duplicate(path.child('type'), item.type);
    types.add(item.type);
    const nameRule = item.type === 'Container' || item.type === 'Pod' ? containerResourceName : resourceName;
    for (const field of fields) {
      if (isIgnored(item, field)) {
        if (Object.keys(item[field] ?? {}).length > 0) errors.forbidden(path.child(field), noDefaults);
      } else for (const name in item[field]) nameRule(errors, path.child(field).key(name), name);
    }
    if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
      const text = 'either minimum or maximum storage value is required, but neither was provided';
      errors.required(path.child('limits'), text);
    }
    const names = new Set(fields.flatMap((field) => Object.keys(item[field] ?? {})));
    for (const name of names) bounds(errors, path, item, name);
  }
}
