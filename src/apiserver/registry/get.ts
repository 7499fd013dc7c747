import { notFound } from '../../api/status.ts';
import { keyOf, named, type Operation, type Registry, type Result } from './operation.ts';
import { parseRevision, tooLargeRevision } from './revision.ts';

/** GET of one object: the committed state. */
export function get(registry: Registry, op: Operation): Result {
  const asked = op.options.resourceVersion;
  if (asked) {
    const revision = parseRevision(asked);
    if (revision > registry.store.revision) throw tooLargeRevision(revision, registry.store.revision);
  }
  const entry = registry.store.get(keyOf(op));
  if (!entry) throw notFound(named(op), op.name);
  return { as: 'entry', code: 200, entry };
}
