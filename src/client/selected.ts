import type { AnyKind } from '../api/object.ts';
import type { LabelSelector } from '../api/selector.ts';
import { indexBy } from './index-map.ts';
import { byNamespace, type Informer } from './informer.ts';

const labelled = (namespace: string, key: string, value: string): string => `${namespace}/${key}=${value}`;

/** Finds the objects of a namespace by each of their labels. Not declared before it is used: each change costs as many entries. */
const byLabel = indexBy<AnyKind>('label', ({ metadata }) =>
  Object.entries(metadata?.labels ?? {}).map(([key, value]) => labelled(metadata?.namespace ?? '', key, value)),
);

/** So many objects are looked at one by one sooner than an index is kept for them. */
export const few = 100;

/**
 * The objects of a namespace that a selector matches. Where there are many it looks at those alone that have the rarest
 * of the labels that the selector demands with a certain value; at all where it demands none.
 */
export function selected<T extends AnyKind>(informer: Informer<T>, namespace: string, selector: LabelSelector): T[] {
  if (selector.nothing) return [];
  const label = informer.count(byNamespace, namespace) > few ? rarest(informer, namespace, selector) : undefined;
  const candidates = label === undefined ? informer.list(namespace) : informer.by(byLabel, label);
  return candidates.filter(({ metadata }) => selector.matches(metadata?.labels));
}

function rarest<T extends AnyKind>(
  informer: Informer<T>,
  namespace: string,
  selector: LabelSelector,
): string | undefined {
  const labels = selector.requirements.flatMap(({ key }) => {
    const value = selector.exactValue(key);
    return value === undefined ? [] : [labelled(namespace, key, value)];
  });
  const [first] = labels
    .map((label) => ({ label, count: informer.count(byLabel, label) }))
    .sort((a, b) => a.count - b.count);
  return first?.label;
}
