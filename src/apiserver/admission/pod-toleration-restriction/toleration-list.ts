import type { Toleration } from '../../../api/types/core-v1.gen.ts';

/** The fields of a toleration, and what they hold. */
const fields = {
  key: 'string',
  operator: 'string',
  value: 'string',
  effect: 'string',
  tolerationSeconds: 'number',
} as const;

/**
 * Tolerations that somebody has written where nothing checks them: an annotation, a configuration. Fields that tolerations do
 * not have are dropped, as those that are null are. Undefined for what is no list of them.
 */
export function tolerationList(value: unknown): readonly Toleration[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = value.map(tolerationFrom);
  return list.every((item) => item !== undefined) ? list : undefined;
}

function tolerationFrom(value: unknown): Toleration | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found: Record<string, unknown> = {};
  for (const [field, type] of Object.entries(fields)) {
    const item = (value as Readonly<Record<string, unknown>>)[field] ?? undefined;
    if (item === undefined) continue;
    const fits = type === 'number' ? Number.isSafeInteger(item) : typeof item === type;
    if (!fits) return undefined;
    found[field] = item;
  }
  return found;
}
