import type { Outcome } from '../run/frame.ts';
import { countWork } from '../values/meter.ts';
import { CelList, CelMap, Opaque, type Value } from '../values/value.ts';
import { type CallCost, sizeOf } from './call-cost.ts';
import { listCreation, regexLength, structCreation, traversal } from './factors.ts';

/**
 * What calls of the Kubernetes libraries cost when they are made, by function name and, where an extension of cel-go
 * brings its own, by overload. Source: apiserver `pkg/cel/library/cost.go`, cel-go `ext/{sets,lists}.go`.
 */

/** Two checks use up what one expression may cost. */
export const authorizationCheck = 350_000;

const scan = (value: Outcome, times = 1): number => Math.ceil(sizeOf(value) * times * traversal);

/** Goes through all of a list or map, and of what is in it. */
function traverse(value: Outcome): number {
  if (typeof value === 'string') return Math.trunc(Buffer.byteLength(value) * traversal);
  if (value instanceof Uint8Array) return Math.trunc(value.length * traversal);
  let cost = 0;
  countWork();
  if (value instanceof CelList) for (const element of value) cost += traverse(element);
  else if (value instanceof CelMap)
    for (const key of value.keys()) cost += traverse(key) + traverse(value.find(key) as Value);
  else return 1;
  return cost;
}

/** A selector's text, and the requirements in it, of which the shortest take two characters. */
function selector(_: Outcome, text: Outcome): number {
  const length = sizeOf(text);
  return (
    listCreation + Math.ceil(length * traversal) + Math.ceil(Math.ceil(length * 0.5) * (listCreation + structCreation))
  );
}

const scanned: CallCost = (text) => scan(text);
const scannedTwice: CallCost = (text) => scan(text, 2);
const searched: CallCost = (text, pattern) =>
  Math.ceil((1 + sizeOf(text)) * traversal) * Math.ceil(sizeOf(pattern) * regexLength);

/** Formats cost as patterns of their length would. */
const validated: CallCost = (format, text) =>
  Math.ceil((1 + sizeOf(text)) * traversal) *
  Math.ceil((format as unknown as { patternSize: number }).patternSize * regexLength);

/** Two addresses are compared by their bytes; one given as text is parsed first. */
const containsIP =
  (parsed: boolean): CallCost =>
  (cidr, other) =>
    scan(cidr, 2) + (parsed ? 0 : scan(other));
const containsCIDR =
  (parsed: boolean): CallCost =>
  (cidr, other) =>
    scan(cidr, 2) + scan(cidr) + 1 + (parsed ? 0 : scan(other));

/** Values of the libraries are compared in one go. */
const equals: CallCost = (a, b) => (a instanceof Opaque ? 1 : Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * traversal));

const each = (names: readonly string[], cost: CallCost): Record<string, CallCost> =>
  Object.fromEntries(names.map((name) => [name, cost]));

const byFunction: Readonly<Record<string, CallCost>> = {
  check: authorizationCheck,
  ...each(['fieldSelector', 'labelSelector'], selector),
  ...each(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'], traverse),
  ...each(['url', 'lowerAscii', 'upperAscii', 'substring', 'trim', 'jsonpatch.escapeKey'], scanned),
  ...each(['cidr', 'isIP', 'isCIDR', 'ip', 'quantity', 'isQuantity', 'semver', 'isSemver'], scanned),
  ...each(['replace', 'split', 'ip.isCanonical'], scannedTwice),
  join: (_, __, result) => scan(result, 2),
  ...each(['find', 'findAll'], searched),
  validate: validated,
  '_==_': equals,
};

const overInputs =
  (factor: number): CallCost =>
  (a, b) =>
    1 + Math.trunc(sizeOf(a) * sizeOf(b) * factor);

/** A list is made; what is gone through for it costs one for each element. */
const listMade = (steps: number) => 1 + listCreation + Math.trunc(steps);
const ofResult: CallCost = (_, __, result) => listMade(sizeOf(result));

/** Each element of the list is compared with each. */
function selfCompared(list: Outcome): number {
  if (!(list instanceof CelList) || list.size === 0) return listMade(0);
  const first = list.at(0);
  const factor = typeof first === 'string' || first instanceof Uint8Array ? 2 + traversal : 2;
  return listMade(list.size * list.size * factor);
}

const flattened: CallCost = (list, depth) => {
  const levels = typeof depth === 'bigint' ? Number(depth) : 1;
  return listMade(sizeOf(list) * (levels < 0 ? 1 : levels));
};

const byOverload: Readonly<Record<string, CallCost>> = {
  cidr_ip: 1,
  cidr_contains_ip_string: containsIP(false),
  cidr_contains_ip_ip: containsIP(true),
  cidr_contains_cidr_string: containsCIDR(false),
  cidr_contains_cidr: containsCIDR(true),
  list_sets_contains_list: overInputs(1),
  list_sets_intersects_list: overInputs(1),
  list_sets_equivalent_list: overInputs(2),
  list_slice: ofResult,
  lists_range: ofResult,
  list_reverse: ofResult,
  list_distinct: selfCompared,
  list_flatten: flattened,
  list_flatten_int: flattened,
  ...Object.fromEntries(
    [
      'int',
      'uint',
      'double',
      'bool',
      'google.protobuf.Duration',
      'google.protobuf.Timestamp',
      'string',
      'bytes',
    ].flatMap((type) => [
      [`list_${type}_sort`, selfCompared],
      [`list_${type}_sortByAssociatedKeys`, (_: Outcome, keys: Outcome) => selfCompared(keys)],
    ]),
  ),
};

export function kubernetesCost(name: string, overload: string | undefined): CallCost | undefined {
  if (overload !== undefined && Object.hasOwn(byOverload, overload)) return byOverload[overload];
  return Object.hasOwn(byFunction, name) ? byFunction[name] : undefined;
}
