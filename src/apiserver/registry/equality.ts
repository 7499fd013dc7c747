import { isBigInteger } from '../../api/json-number.ts';

/** Whether two JSON trees are equal. Shared subtrees cost nothing. An absent field equals an undefined one. */
export function sameTree(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isBigInteger(a) || isBigInteger(b)) return isBigInteger(a) && isBigInteger(b) && a.rawJSON === b.rawJSON;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameTree(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in x) if (!sameTree(x[key], y[key])) return false;
  for (const key in y) if (y[key] !== undefined && x[key] === undefined) return false;
  return true;
}

type Tree = Readonly<Record<string, unknown>>;

/** Whether everything but metadata and, unless it counts, status is equal: what `metadata.generation` counts. */
export function sameSpec(a: Tree, b: Tree, statusCounts = false): boolean {
  const left = statusCounts ? notCounted : notSpec;
  for (const key in a) if (!left.has(key) && !sameTree(a[key], b[key])) return false;
  for (const key in b) if (!left.has(key) && b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

const notCounted: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
const notSpec: ReadonlySet<string> = new Set([...notCounted, 'status']);

/** A private mutable tree out of one that may hold frozen, shared parts. What is not frozen is used as it is. */
export function own<T>(value: T): T {
  if (typeof value !== 'object' || value === null || isBigInteger(value)) return value;
  if (Array.isArray(value)) {
    if (Object.isFrozen(value)) return value.map(own) as T;
    for (let i = 0; i < value.length; i++) value[i] = own(value[i]);
    return value;
  }
  const source = value as Record<string, unknown>;
  const target: Record<string, unknown> = Object.isFrozen(value) ? {} : source;
  for (const key of Object.keys(source)) target[key] = own(source[key]);
  return target as T;
}
