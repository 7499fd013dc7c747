import type { AnyKind } from '../api/object.ts';

/** Where an object lives: namespace is absent or "" at cluster scope. */
export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

/** "namespace/name", or "name" at cluster scope: the key informers and work queues use. */
export function keyOf(object: AnyKind): string {
  const { namespace, name } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : (name ?? '');
}

/** The text form of a key. */
export function keyText(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** Takes the text form of a key apart. */
export function parseKey(text: string): { namespace: string; name: string } {
  const slash = text.indexOf('/');
  return slash < 0 ? { namespace: '', name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** A resourceVersion as a number: revisions of one server are ordered. 0 when absent. */
export function revisionOf(object: AnyKind): number {
  return Number(object.metadata?.resourceVersion ?? 0);
}
