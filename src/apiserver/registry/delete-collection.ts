import type { KubeObject } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Entry } from '../../store/store.ts';
import { remove } from './delete.ts';
import { list } from './list.ts';
import type { Operation, Registry } from './operation.ts';

/** Deletes under way at once: enough to fill a batch of the store, few enough to let others in. */
const width = 64;

/** DELETE of a collection. Answers with the list of what was deleted, as it was. */
export async function removeCollection(
  registry: Registry,
  op: Operation,
): Promise<{ entries: readonly Entry[]; metadata: KubeObject['metadata'] }> {
  const selected = await list(registry, op);
  for (let at = 0; at < selected.entries.length; at += width) {
    await Promise.all(
      selected.entries.slice(at, at + width).map(async (entry) => {
        const one = { ...op, name: entry.key.name, namespace: entry.key.namespace, options: ownOptions(op) };
        try {
          await remove(registry, one);
        } catch (error) {
          if (!isStatus(error, 'NotFound')) throw error;
        }
      }),
    );
  }
  return { entries: selected.entries, metadata: selected.metadata };
}

/** The options that apply to each object: the list's own do not. */
function ownOptions(op: Operation): Operation['options'] {
  const { dryRun, gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = op.options;
  return {
    ...(dryRun && { dryRun }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy && { propagationPolicy }),
    ...(orphanDependents !== undefined && { orphanDependents }),
    ...(preconditions && { preconditions }),
  };
}
