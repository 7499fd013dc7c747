import { entryOf } from '../../../api/object.ts';
import { canonicalQuantity, compareQuantities, parseQuantity } from '../../../api/quantity.ts';
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../../api/types/core-v1.gen.ts';
import { limitsOf, ofPod, type ReadonlyAmounts, requestsOf } from '../../../resources/rules/pod-amounts.ts';

/** What somebody asks for. */
interface Asked {
  readonly requests: ReadonlyAmounts;
  readonly limits: ReadonlyAmounts;
}

/** One resource of one asker against one bound; undefined when it keeps it. */
interface Case {
  readonly name: string;
  /** What is limited: "Container", "Pod", "PersistentVolumeClaim". */
  readonly type: string;
  readonly bound: string;
  readonly request: string | undefined;
  readonly limit: string | undefined;
}

type Bound = (the: Case) => string | undefined;

function min({ name, type, bound, request, limit }: Case): string | undefined {
  const text = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${text}.  No request is specified`;
  if (compareQuantities(bound, request) > 0) return `${text}, but request is ${request}`;
  return limit !== undefined && compareQuantities(bound, limit) > 0 ? `${text}, but limit is ${limit}` : undefined;
}

function max({ name, type, bound, request, limit }: Case): string | undefined {
  const text = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${text}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${text}, but limit is ${limit}`;
  return request !== undefined && compareQuantities(request, bound) > 0
    ? `${text}, but request is ${request}`
    : undefined;
}

/** For what has no limits. */
function maxRequest({ name, type, bound, request }: Case): string | undefined {
  const text = `maximum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${text}.  No request is specified`;
  return compareQuantities(request, bound) > 0 ? `${text}, but request is ${request}` : undefined;
}

const giga = 1_000_000_000n;
const nano = (quantity: string | undefined): bigint => (quantity === undefined ? 0n : parseQuantity(quantity).nano);
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

function ratio({ name, type, bound, request, limit }: Case): string | undefined {
  const text = `${name} max limit to request ratio per ${type} is ${bound}`;
  const [asked, most] = [magnitude(nano(request)), magnitude(nano(limit))];
  if (asked === 0n) return `${text}, but no request is specified or request is 0`;
  if (most === 0n) return `${text}, but no limit is specified or limit is 0`;
  return most * giga > asked * nano(bound) ? `${text}, but provided ratio is ${sixDecimals(most, asked)}` : undefined;
}

/** a / b with six decimals, halves to the even digit. */
function sixDecimals(a: bigint, b: bigint): string {
  const scaled = a * 1_000_000n;
  let quotient = scaled / b;
  const twice = (scaled % b) * 2n;
  if (twice > b || (twice === b && quotient % 2n === 1n)) quotient++;
  return `${quotient / 1_000_000n}.${String(quotient % 1_000_000n).padStart(6, '0')}`;
}

type Field = 'min' | 'max' | 'maxLimitRequestRatio';
type Bounds = readonly (readonly [Field, Bound])[];

const computeBounds: Bounds = [
  ['min', min],
  ['max', max],
  ['maxLimitRequestRatio', ratio],
];
const claimBounds: Bounds = [
  ['min', min],
  ['max', maxRequest],
];

const canonical = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : canonicalQuantity(value);

function same(a: ReadonlyAmounts, b: ReadonlyAmounts, name: string): boolean {
  const [x, y] = [entryOf(a, name), entryOf(b, name)];
  return x === undefined || y === undefined ? x === y : compareQuantities(x, y) === 0;
}

/** What is wrong with what is asked for. What was stored as it is asked for now is left alone. */
function findings(bounds: Bounds, item: LimitRangeItem, asked: Asked, before: Asked | undefined): string[] {
  const texts: string[] = [];
  for (const [field, check] of bounds) {
    const amounts = (item[field] ?? {}) as ReadonlyAmounts;
    for (const name of Object.keys(amounts).sort()) {
      if (before && same(asked.requests, before.requests, name) && same(asked.limits, before.limits, name)) continue;
      const text = check({
        name,
        type: item.type,
        bound: canonicalQuantity(amounts[name]!),
        request: canonical(entryOf(asked.requests, name)),
        limit: canonical(entryOf(asked.limits, name)),
      });
      if (text !== undefined) texts.push(text);
    }
  }
  return texts;
}

const askedBy = (container: Container): Asked => ({ requests: requestsOf(container), limits: limitsOf(container) });

const askedByPod = ({ spec }: Pod): Asked => ({
  requests: spec ? ofPod(spec, requestsOf, 'requests') : {},
  limits: spec ? ofPod(spec, limitsOf, 'limits') : {},
});

function* askers(pod: Pod, old: Pod | undefined): Iterable<[Asked, Asked | undefined]> {
  for (const kind of ['containers', 'initContainers'] as const) {
    for (const container of pod.spec?.[kind] ?? []) {
      const before = old?.spec?.[kind]?.find(({ name }) => name === container.name);
      yield [askedBy(container), before && askedBy(before)];
    }
  }
}

/** Why a pod does not fit; `old` is what it was before it was resized. */
export function podFindings(items: readonly LimitRangeItem[], pod: Pod, old: Pod | undefined): string[] {
  return items.flatMap((item) => {
    if (item.type === 'Container')
      return [...askers(pod, old)].flatMap(([asked, before]) => findings(computeBounds, item, asked, before));
    if (item.type === 'Pod') return findings(computeBounds, item, askedByPod(pod), old && askedByPod(old));
    return [];
  });
}

const askedByClaim = ({ spec }: PersistentVolumeClaim): Asked => ({
  requests: (spec?.resources?.requests ?? {}) as ReadonlyAmounts,
  limits: {},
});

/** Why a claim does not fit. Limits of claims mean nothing. */
export function claimFindings(
  items: readonly LimitRangeItem[],
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim | undefined,
): string[] {
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => findings(claimBounds, item, askedByClaim(claim), old && askedByClaim(old)));
}
