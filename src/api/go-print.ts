import { isBigInteger } from './json-number.ts';
import type { LabelSelectorLike } from './selector.ts';

/** How Go prints JSON values, for texts that clients know. */

const entriesOf = (value: unknown): [string, unknown][] | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBigInteger(value)
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : undefined;

/** `%v`: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isBigInteger(value)) return value.rawJSON;
  const entries = entriesOf(value);
  return entries ? `map[${entries.map(([key, child]) => `${key}:${goText(child)}`).join(' ')}]` : String(value);
}

/** `%#v`: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isBigInteger(value)) return value.rawJSON;
  const entries = entriesOf(value);
  if (!entries) return String(value);
  return `map[string]interface {}{${entries.map(([key, child]) => `${JSON.stringify(key)}:${goSyntax(child)}`).join(', ')}}`;
}

/** `%T`, and the name of a value's reflect type. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (isBigInteger(value)) return 'int64';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** `%v` of a *LabelSelector: `&LabelSelector{MatchLabels:map[string]string{a: b,},…}`. */
export function goLabelSelector(selector: LabelSelectorLike | undefined): string {
  if (!selector) return 'nil';
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const labels = Object.keys(matchLabels)
    .toSorted()
    .map((key) => `${key}: ${matchLabels[key]},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const [map, list] = [labels.join(''), expressions.join('')];
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${list}},}`;
}
