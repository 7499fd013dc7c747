import type { AnyKind } from '../api/object.ts';
import type { LabelSelector } from '../api/selector.ts';
import { indexBy } from './index-map.ts';
import type { Informer } from './informer.ts';

const labelled = (namespace: string, key: string, value: string): string => `${namespace}/${key}=${value}`;

/** Finds the objects of a namespace by each of their labels. */
export const byLabel = indexBy<AnyKind>('label', ({ metadata }) =>
  Object.entries(metadata?.labels ?? {}).map(([key, value]) => labelled(metadata?.namespace ?? '', key, value)),
);

/**
 * The objects of a namespace that a selector matches. It looks at no more of them than have the rarest of the labels that
 * the selector demands with a certain value; at all where it demands none.
 */
export function selected<T extends AnyKind>(informer: Informer<T>, namespace: string, selector: LabelSelector): T[] {
  if (selector.nothing) return [];
  const [rarest] = selector.requirements
    .flatMap(({ key }) => {
      const value = selector.exactValue(key);
      return value === undefined ? [] : [labelled(namespace, key, value)];
    })
    .map((value) => ({ value, count: informer.count(byLabel, value) }))
    .sort((a, b) => a.count - b.count);
  const candidates = rarest ? informer.by(byLabel, rarest.value) : informer.list(namespace);
  return candidates.filter(({ metadata }) => selector.matches(metadata?.labels));
}
