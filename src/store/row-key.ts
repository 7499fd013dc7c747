import type { StoreKey } from './store.ts';

/** A key as its row carries it. */
export function rowKey(key: StoreKey): string {
  return `${key.resource}/${key.namespace}/${key.name}`;
}

/** Undoes `rowKey`. Names may hold slashes, the parts before them never do. */
export function parseKey(text: string): StoreKey {
  const first = text.indexOf('/');
  const second = text.indexOf('/', first + 1);
  return { resource: text.slice(0, first), namespace: text.slice(first + 1, second), name: text.slice(second + 1) };
}
