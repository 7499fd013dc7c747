import { sameType } from '../check/type.ts';
import { listCreation, regexLength, structCreation, traversal } from './factors.ts';
import { authorizationCheck } from './kubernetes-runtime.ts';
import { type CallEstimate, matched, type Operand, scan, sizeOf } from './operand.ts';
import { exactly, one, plus, type Range, scaled, times, union, zero } from './range.ts';

/**
 * What calls of the Kubernetes libraries cost at least and at most. Source: apiserver `pkg/cel/library/cost.go`, cel-go
 * `ext/{sets,lists}.go`.
 */

interface Invocation {
  readonly overload: string;
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
  readonly items: (list: Operand) => Operand | undefined;
}

type Estimate = (call: Invocation) => CallEstimate | undefined;

const flat: Estimate = () => ({ cost: one });

const each = (names: readonly string[], estimate: Estimate): Record<string, Estimate> =>
  Object.fromEntries(names.map((name) => [name, estimate]));

/** Functions on their first argument, methods on their receiver. */
const first = ({ target, args }: Invocation) => sizeOf(target ?? args[0]);

const scanned: Estimate = (call) => ({ cost: scan(first(call)) });
/** … with a result of the same size. */
const transformed: Estimate = (call) => ({ cost: scan(first(call)), size: first(call) });

const selector: Estimate = ({ args }) => {
  const length = sizeOf(args[0]);
  const requirements = scaled(scaled(length, 0.5), listCreation + structCreation);
  return { cost: plus(exactly(listCreation), scan(length), requirements) };
};

/** Each element is looked at, and of texts each character. */
const traversed: Estimate = ({ target, items }) => {
  if (!target) return undefined;
  const element = items(target);
  if (!element) return { cost: scan(sizeOf(target)) };
  const long = element.type.kind === 'string' || element.type.kind === 'bytes';
  return { cost: times(sizeOf(target), long ? plus(one, scan(sizeOf(element))) : one) };
};

const replaced: Estimate = ({ target, args }) => {
  if (!target || args.length < 2) return undefined;
  const [text, old, by] = [sizeOf(target), sizeOf(args[0]), sizeOf(args[1])];
  const longest = replacedTimes(text.max, old.min, by.max <= old.min);
  const shortest = replacedTimes(text.min, old.max, old.max <= by.min);
  const count: Range = { min: shortest.count, max: longest.count };
  return { cost: scan(text, 2), size: plus(times(count, by), { min: shortest.kept, max: longest.kept }) };
};

/** How often a text can be replaced, and how much of the whole stays. An empty text is replaced around each character. */
function replacedTimes(length: number, old: number, pointless: boolean): { count: number; kept: number } {
  if (old === 0) return { count: length + 1, kept: length };
  return pointless ? { count: 0, kept: length } : { count: Math.ceil(length / old), kept: 0 };
}

const split: Estimate = ({ target, args }) => {
  if (!target) return undefined;
  const limit = args[1]?.expr;
  const max = limit?.kind === 'literal' && typeof limit.value === 'bigint' ? unsigned(limit.value) : sizeOf(target).max;
  return { cost: scan(sizeOf(target), 2), size: { min: 0, max } };
};

/** A negative limit wraps around. */
const unsigned = (value: bigint) => (value < 0n ? Number.POSITIVE_INFINITY : Number(value));

const joined: Estimate = ({ target, args, items }) => {
  if (!target) return undefined;
  const list = sizeOf(target);
  const element = items(target);
  const texts = element ? times(list, sizeOf(element)) : zero;
  const between: Range = { min: Math.max(list.min - 1, 0), max: Math.max(list.max - 1, 0) };
  const size = args[0] ? plus(texts, times(sizeOf(args[0]), between)) : texts;
  return { cost: scan(size), size };
};

const found: Estimate = ({ target, args }) => {
  if (!target || !args[0]) return undefined;
  const { cost } = matched(sizeOf(target), sizeOf(args[0]));
  return { cost, size: { min: 0, max: sizeOf(target).max } };
};

/** Bytes of an address. */
const addressSize: Range = { min: 4, max: 16 };

const contains = (comparison: Range, parses: string): Estimate => {
  return ({ overload, args }) => ({
    cost: overload === parses ? plus(comparison, scan(sizeOf(args[0]))) : comparison,
  });
};

const twoAddresses = scan(plus(addressSize, addressSize));

/** The longest pattern of a format of names. */
const formatPattern = 128;
const longestFormat = 64;

const validated: Estimate = ({ args }) => ({ cost: scaled(scan(sizeOf(args[0])), formatPattern * regexLength) });

const comparedAtOnce = new Set([
  ...['net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.Semver'],
  ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((n) => `kubernetes.authorization.${n}`),
]);

const equals: Estimate = ({ args: [a, b] }) => {
  if (!a || !b || !sameType(a.type, b.type)) return undefined;
  const { name } = a.type;
  if (comparedAtOnce.has(name)) return { cost: one };
  if (name === 'kubernetes.NamedFormat') return { cost: scaled({ min: 1, max: longestFormat }, traversal) };
  if (name !== 'kubernetes.URL') return undefined;
  const size = b.size ? union(b.size, b.size) : one;
  return { cost: scaled({ min: 1, max: size.max }, traversal) };
};

const byFunction: Readonly<Record<string, Estimate>> = {
  check: () => ({ cost: exactly(authorizationCheck) }),
  ...each(
    [
      'serviceAccount',
      'path',
      'group',
      'resource',
      'subresource',
      'namespace',
      'name',
      'allowed',
      'reason',
      'error',
      'errored',
    ],
    flat,
  ),
  ...each(['fieldSelector', 'labelSelector'], selector),
  ...each(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'], traversed),
  ...each(['url', 'jsonpatch.escapeKey', 'lowerAscii', 'upperAscii', 'substring', 'trim'], transformed),
  replace: replaced,
  split,
  join: joined,
  ...each(['find', 'findAll'], found),
  ...each(['cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver'], scanned),
  ip: (call) => (call.overload === 'cidr_ip' ? { cost: one } : scanned(call)),
  'ip.isCanonical': (call) => ({ cost: scan(first(call), 2) }),
  ...each(['masked', 'prefixLength', 'family', 'isUnspecified', 'isLoopback'], flat),
  ...each(['isLinkLocalMulticast', 'isLinkLocalUnicast', 'isGlobalUnicast'], flat),
  containsIP: contains(twoAddresses, 'cidr_contains_ip_string'),
  containsCIDR: contains(plus(twoAddresses, scan(addressSize), one), 'cidr_contains_cidr_string'),
  validate: validated,
  'format.named': flat,
  ...each(['sign', 'asInteger', 'isInteger', 'asApproximateFloat', 'isGreaterThan', 'isLessThan', 'compareTo'], flat),
  ...each(['add', 'sub', 'major', 'minor', 'patch'], flat),
  ...each(['getScheme', 'getHostname', 'getHost', 'getPort', 'getEscapedPath', 'getQuery'], flat),
  '_==_': equals,
};

/** A list is made, and so many elements are gone through for it. */
const listMade = (steps: Range, size: Range): CallEstimate => ({ cost: plus(steps, exactly(listCreation), one), size });

/** The number that a literal argument is; negative ones count as none. */
function literal(operand: Operand | undefined, otherwise: number): number {
  const expr = operand?.expr;
  if (expr?.kind !== 'literal' || typeof expr.value !== 'bigint') return otherwise;
  return expr.value < 0n ? 0 : Number(expr.value);
}

/** Unsigned: below zero is beyond all. */
const difference = (a: number, b: number) => (a < b ? Number.POSITIVE_INFINITY : a - b);

const selfCompared = (list: Operand, texts: boolean): CallEstimate => {
  const square = times(sizeOf(list), sizeOf(list));
  return listMade(scaled(square, texts ? 2 + traversal : 2), square);
};

const isText = (kind: string | undefined) => kind === 'string' || kind === 'bytes';

const flattened: Estimate = ({ target, args }) => {
  const depth = args[0] ? literal(args[0], Number.POSITIVE_INFINITY) : 1;
  return listMade(scaled(sizeOf(target), depth), sizeOf(target));
};

const overInputs =
  (factor: number): Estimate =>
  ({ args }) => ({ cost: plus(scaled(times(sizeOf(args[0]), sizeOf(args[1])), factor), one) });

const sortable = [
  'int',
  'uint',
  'double',
  'bool',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'string',
  'bytes',
];

const byOverload: Readonly<Record<string, Estimate>> = {
  list_sets_contains_list: overInputs(1),
  list_sets_intersects_list: overInputs(1),
  list_sets_equivalent_list: overInputs(2),
  list_slice: ({ target, args }) => {
    const size = exactly(difference(literal(args[1], sizeOf(target).max), literal(args[0], 0)));
    return listMade(size, size);
  },
  lists_range: ({ args }) => {
    const size = exactly(literal(args[0], Number.POSITIVE_INFINITY));
    return listMade(size, size);
  },
  list_reverse: ({ target }) => listMade(sizeOf(target), sizeOf(target)),
  list_flatten: flattened,
  list_flatten_int: flattened,
  list_distinct: ({ target }) => target && selfCompared(target, isText(target.type.params[0]?.kind)),
  ...Object.fromEntries(
    sortable.flatMap((type): [string, Estimate][] => [
      [`list_${type}_sort`, ({ target }) => target && selfCompared(target, isText(type))],
      [`list_${type}_sortByAssociatedKeys`, ({ args }) => args[0] && selfCompared(args[0], isText(type))],
    ]),
  ),
};

/** Undefined for calls of other libraries. */
export function estimateKubernetesCall(
  name: string,
  overload: string,
  target: Operand | undefined,
  args: readonly Operand[],
  items: Invocation['items'],
): CallEstimate | undefined {
  const estimate = Object.hasOwn(byOverload, overload)
    ? byOverload[overload]
    : Object.hasOwn(byFunction, name)
      ? byFunction[name]
      : undefined;
  return estimate?.({ overload, target, args, items });
}
