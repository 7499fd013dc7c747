import type { ObjectMeta } from '../../api/object.ts';

interface Classlike {
  readonly metadata?: ObjectMeta;
}

/** Of several default classes the newest; of those of one second the first by name. Source: storage util GetDefaultClass. */
export function newestDefault<T extends Classlike>(
  classes: Iterable<T>,
  isDefault: (one: T) => boolean,
): T | undefined {
  let best: T | undefined;
  for (const candidate of classes)
    if (isDefault(candidate) && (!best || comesBefore(candidate, best))) best = candidate;
  return best;
}

function comesBefore(a: Classlike, b: Classlike): boolean {
  const [made, other] = [a.metadata?.creationTimestamp ?? '', b.metadata?.creationTimestamp ?? ''];
  return made === other ? (a.metadata?.name ?? '') < (b.metadata?.name ?? '') : made > other;
}
