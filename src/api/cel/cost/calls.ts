import { traversal } from './factors.ts';
import { estimateKubernetesCall } from './kubernetes-calls.ts';
import { type CallEstimate, matched, type Operand, scan, sizeOf } from './operand.ts';
import { one, plus, type Range, scaled, times } from './range.ts';

/** What calls cost at least and at most, by the sizes of their operands. Source: cel-go `checker/cost.go`. */

/** Without the costs of the operands. */
export function estimateCall(
  name: string,
  overload: string,
  target: Operand | undefined,
  args: readonly Operand[],
  items: (list: Operand) => Operand | undefined,
): CallEstimate {
  const own = estimateKubernetesCall(name, overload, target, args, items);
  if (own) return own;
  const operands = target ? [target, ...args] : args;
  return (
    (Object.hasOwn(standard, overload) && standard[overload]!(sizeOf(operands[0]), sizeOf(operands[1]))) || {
      cost: one,
    }
  );
}

type Estimate = (first: Range, second: Range) => CallEstimate;

/** Two values are compared to the end of the shorter. */
const compared: Estimate = (a, b) => {
  const max = Math.min(a.max, b.max);
  return { cost: scaled({ min: max > 0 ? 1 : 0, max }, traversal) };
};

const joined: Estimate = (a, b) => ({ cost: scan(plus(a, b)), size: plus(a, b) });

const standard: Readonly<Record<string, Estimate>> = {
  string_format: (text) => ({ cost: scan(text) }),
  string_to_bytes: (text) => ({ cost: scan(text), size: { min: text.min, max: text.max * 4 } }),
  bytes_to_string: (bytes) => ({ cost: scan(bytes), size: { min: Math.trunc(bytes.min / 4), max: bytes.max } }),
  strings_quote: (text) => ({ cost: scan(text), size: { min: text.min + 2, max: text.max * 2 + 2 } }),
  starts_with_string: (_, affix) => ({ cost: scan(affix) }),
  ends_with_string: (_, affix) => ({ cost: scan(affix) }),
  in_list: (_, list) => ({ cost: list }),
  matches: matched,
  matches_string: matched,
  contains_string: (text, part) => ({ cost: times(scan(text), scan(part)) }),
  add_string: joined,
  add_bytes: joined,
  add_list: (a, b) => ({ cost: one, size: plus(a, b) }),
  equals: compared,
  not_equals: compared,
  ...Object.fromEntries(
    ['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) =>
      ['string', 'bytes'].map((type) => [`${name}_${type}`, compared]),
    ),
  ),
};
