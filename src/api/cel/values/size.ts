import { textLength } from './text.ts';
import { CelList, CelMap, Opaque, Optional, type Value } from './value.ts';

/** What `size` gives, undefined for values without a size. */
export function sizeOf(value: Value): number | undefined {
  if (typeof value === 'string') return textLength(value);
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  return value instanceof Uint8Array ? value.length : undefined;
}

/** The size that the run-time cost counts: 1 for everything of fixed width. */
export function costSize(value: Value): number {
  if (value instanceof Optional) return value.value === undefined ? 1 : costSize(value.value);
  if (value instanceof Opaque) return value.costSize ?? 1;
  return sizeOf(value) ?? 1;
}
