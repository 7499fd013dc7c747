import type { Outcome } from '../run/frame.ts';
import { type CallCost, sizeOf } from './call-cost.ts';
import { regexLength, traversal } from './factors.ts';
import { kubernetesCost } from './kubernetes-runtime.ts';

/** What a call costs when it is made. Source: cel-go `interpreter/runtimecost.go`. */

const scanned = (value: Outcome) => Math.ceil(sizeOf(value) * traversal);

const compared: CallCost = (a, b) => Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * traversal);
const concatenated: CallCost = (a, b) => Math.ceil((sizeOf(a) + sizeOf(b)) * traversal);
const matched: CallCost = (text, pattern) =>
  Math.ceil((1 + sizeOf(text)) * traversal) * Math.ceil(sizeOf(pattern) * regexLength);

const standard: Readonly<Record<string, CallCost>> = {
  starts_with_string: (_, affix) => scanned(affix),
  ends_with_string: (_, affix) => scanned(affix),
  string_to_bytes: scanned,
  bytes_to_string: scanned,
  strings_quote: scanned,
  string_format: scanned,
  in_list: (_, list) => sizeOf(list),
  equals: compared,
  not_equals: compared,
  ...Object.fromEntries(
    ['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) =>
      ['string', 'bytes'].map((type) => [`${name}_${type}`, compared]),
    ),
  ),
  add_string: concatenated,
  add_bytes: concatenated,
  matches: matched,
  matches_string: matched,
  contains_string: (text, part) => scanned(text) * scanned(part),
};

/** The cost of calls to a function; the overload is undefined where only the values will tell. */
export function callCost(name: string, overload: string | undefined): CallCost {
  const own = kubernetesCost(name, overload);
  if (own !== undefined) return own;
  return overload !== undefined && Object.hasOwn(standard, overload) ? standard[overload]! : 1;
}
