/** Values of templates are JSON's; `undefined` and null are Go's nil. */

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Go's notion of truth: not the zero value of its kind. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** A field of a map; nothing of nothing. Undefined where there is none, or no map. */
export function fieldOf(value: unknown, name: string): unknown {
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** How Go prints a value with %v. */
export function printed(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`;
  if (!isMap(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${inner(value[key])}`).join(' ')}]`;
}

const inner = (value: unknown): string => (value === undefined || value === null ? '<nil>' : printed(value));

/** Whether two values are the same scalar, or the same tree. */
export function equal(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return (a ?? undefined) === (b ?? undefined);
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Negative, zero or positive; undefined where values of these kinds have no order. */
export function order(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return undefined;
}

export { isMap };
