import type { ErrorList } from '../../api/field-errors.ts';
import { statusPath } from '../rules/workloads.ts';

/** Conditions of flow schemas and priority levels: they need a type, each of its own. */
export function flowConditions(errors: ErrorList, list: readonly { readonly type?: string }[] | undefined): void {
  const types = new Set<string>();
  for (const [i, { type = '' }] of (list ?? []).entries()) {
    const at = statusPath.child('conditions').index(i).child('type');
    if (types.has(type)) errors.duplicate(at, type);
    types.add(type);
    if (type === '') errors.required(at, 'must not be empty');
  }
}
