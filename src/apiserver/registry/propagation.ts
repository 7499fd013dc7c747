import type { KubeObject } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import type { Served } from './served.ts';

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

/** Refuses DeleteOptions that contradict themselves. Source: apimachinery `ValidateDeleteOptions`. */
export function checkDeleteOptions(options: CallOptions): void {
  const policy: string | undefined = options.propagationPolicy;
  if (policy !== undefined && options.orphanDependents !== undefined)
    throw badRequest('orphanDependents and deletionPropagation cannot be both set');
  if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy))
    throw badRequest(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan", nil`,
    );
}

/**
 * The finalizers an object has after a delete with these options: the garbage collector's two are added or removed
 * as the propagation policy says. Source: apiserver registry `deletionFinalizersForGarbageCollection`.
 */
export function finalizersAfterDelete(served: Served, object: KubeObject, options: CallOptions): readonly string[] {
  const before = object.metadata.finalizers ?? [];
  const kept = before.filter((f) => f !== orphan && f !== foreground);
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
