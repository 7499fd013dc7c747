import { FieldPath } from '../../api/field-errors.ts';
import type { KubeObject } from '../../api/object.ts';
import type { CallOptions } from '../../client/call.ts';
import type { Served } from './served.ts';
import { checkOptions } from './write-options.ts';

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

const policies = ['Foreground', 'Background', 'Orphan'];

/** Refuses DeleteOptions that contradict themselves. Source: apimachinery `ValidateDeleteOptions`. */
export function checkDeleteOptions({ propagationPolicy: policy, orphanDependents }: CallOptions): void {
  if (policy === undefined) return;
  checkOptions('DeleteOptions', (errors) => {
    const path = FieldPath.of('propagationPolicy');
    if (orphanDependents !== undefined)
      errors.invalid(path, policy, 'orphanDependents and deletionPropagation cannot be both set');
    if (!policies.includes(policy)) errors.notSupported(path, policy, [...policies, 'nil'], 'given');
  });
}

/**
 * The finalizers an object has after a delete with these options: the garbage collector's two are added or removed
 * as the propagation policy says. Source: apiserver registry `deletionFinalizersForGarbageCollection`.
 */
export function finalizersAfterDelete(served: Served, object: KubeObject, options: CallOptions): readonly string[] {
  const before = object.metadata.finalizers ?? [];
  const kept = before.filter((f) => f !== orphan && f !== foreground);
  if (served.rules.defaultPropagation === 'Unsupported') return kept.length === before.length ? before : kept;
  if (wantsOrphans(served, before, options)) kept.push(orphan);
  if (wantsForeground(before, options)) kept.push(foreground);
  return kept.length === before.length && kept.every((f) => before.includes(f)) ? before : kept;
}

function wantsOrphans(served: Served, before: readonly string[], options: CallOptions): boolean {
  if (options.orphanDependents !== undefined) return options.orphanDependents;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Orphan';
  if (before.includes(orphan)) return true;
  if (before.includes(foreground)) return false;
  return served.rules.defaultPropagation === 'Orphan';
}

function wantsForeground(before: readonly string[], options: CallOptions): boolean {
  if (options.orphanDependents !== undefined) return false;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Foreground';
  return before.includes(foreground);
}
