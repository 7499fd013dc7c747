import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { compareQuantities, quantityToNumber } from '../../api/quantity.ts';
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

const fields = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type Field = (typeof fields)[number];

function amount(item: LimitRangeItem, field: Field, name: string): string | undefined {
  const amounts = item[field] as Readonly<Amounts> | undefined;
  return amounts && Object.hasOwn(amounts, name) ? amounts[name] : undefined;
}

/** Pairs that must not be the wrong way round: which field is blamed, how each is called. */
const orders: readonly (readonly [smaller: Field, larger: Field, blamed: Field, text: readonly [string, string]])[] = [
  ['min', 'max', 'min', ['min', 'max']],
  ['min', 'defaultRequest', 'defaultRequest', ['min', 'default request']],
  ['defaultRequest', 'max', 'defaultRequest', ['default request', 'max']],
  ['defaultRequest', 'default', 'defaultRequest', ['default request', 'default limit']],
  ['min', 'default', 'default', ['min', 'default']],
  ['default', 'max', 'default', ['default', 'max']],
];

function bounds(errors: ErrorList, path: FieldPath, item: LimitRangeItem, name: string): void {
  for (const [smaller, larger, blamed, [one, other]] of orders) {
    const [low, high] = [amount(item, smaller, name), amount(item, larger, name)];
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) continue;
    const shown = smaller === 'min' ? low : amount(item, blamed, name);
    errors.invalid(path.child(blamed).key(name), shown, `${one} value ${low} is greater than ${other} value ${high}`);
  }
  const ratio = amount(item, 'maxLimitRequestRatio', name);
  const at = path.child('maxLimitRequestRatio').key(name);
  const [min, max] = [amount(item, 'min', name), amount(item, 'max', name)];
  if (ratio !== undefined && compareQuantities(ratio, '1') < 0)
    errors.invalid(at, ratio, `ratio ${ratio} is less than 1`);
  if (ratio !== undefined && min !== undefined && max !== undefined) {
    const most = quantityToNumber(max) / quantityToNumber(min);
    if (quantityToNumber(ratio) > most) {
      errors.invalid(at, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
    }
  }
  const [limit, request] = [amount(item, 'default', name), amount(item, 'defaultRequest', name)];
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return;
  if (compareQuantities(limit, request) !== 0) {
    const text = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    errors.invalid(path.child('defaultRequest').key(name), request, text);
  }
}

const limitTypes = ['Container', 'PersistentVolumeClaim', 'Pod'];

function limitType(errors: ErrorList, path: FieldPath, type: string): void {
  const before = errors.errors.length;
  qualifiedName(errors, path, type);
  if (errors.errors.length > before || type.includes('/') || limitTypes.includes(type)) return;
  errors.invalid(path, type, 'must be a standard limit type or fully qualified');
}

export function validateLimitRange({ spec }: LimitRange, errors: ErrorList): void {
  const types = new Set<string>();
  for (const [i, item] of (spec?.limits ?? []).entries()) {
    const path = specPath.child('limits').index(i);
    limitType(errors, path.child('type'), item.type ?? '');
    if (types.has(item.type)) errors.duplicate(path.child('type'), item.type);
    types.add(item.type);
    const nameRule = item.type === 'Container' ? containerResourceName : resourceName;
    for (const field of fields) {
      for (const name in item[field]) nameRule(errors, path.child(field).key(name), name);
    }
    if (item.type === 'Pod') {
      for (const field of ['default', 'defaultRequest'] as const) {
        if (Object.keys(item[field] ?? {}).length === 0) continue;
        errors.forbidden(path.child(field), "may not be specified when `type` is 'Pod'");
      }
    }
    if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
      const text = 'either minimum or maximum storage value is required, but neither was provided';
      errors.required(path.child('limits'), text);
    }
    const names = new Set(fields.flatMap((field) => Object.keys(item[field] ?? {})));
    for (const name of names) bounds(errors, path, item, name);
  }
}
