import { jsonValue } from '../../base/json-value.ts';
import type { TypeFacts } from '../facts.ts';
import type { KubeObject, ObjectMeta } from '../object.ts';
import { configErrors } from './check-config.ts';
import { fieldsOf } from './collect.ts';
import { compareFields } from './compare.ts';
import { difference, emptySet, type FieldSet } from './field-set.ts';
import { isTree, type Tree } from './place.ts';

/**
 * The annotation in which client-side apply keeps what it applied. An object moves to server-side apply without conflicts
 * about what that says, and the annotation follows the applied configuration, so that there is a way back. Both only for
 * the manager `kubectl`. Source: apimachinery `util/managedfields/internal/lastapplied*.go`.
 */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
export const lastAppliedManager = 'kubectl';

/** Largest size of all annotations, bytes. Source: apimachinery `TotalAnnotationSizeLimitB`. */
const maxAnnotations = 256 * 1024;

const lastAppliedOf = (object: KubeObject): string | undefined =>
  object.metadata.annotations?.[lastAppliedAnnotation] || undefined;

function parsed(text: string): Tree | undefined {
  const value = jsonValue(text);
  return isTree(value) ? value : undefined;
}

/** The fields of the annotation that still have the value it says: who applies as `kubectl` may take these. */
export function fieldsLastApplied(type: TypeFacts, apiVersion: string, live: KubeObject): FieldSet {
  const text = lastAppliedOf(live);
  const config = text === undefined ? undefined : parsed(text);
  if (!config || config['apiVersion'] !== apiVersion) return emptySet;
  if (configErrors(type, config) !== undefined || configErrors(type, live) !== undefined) return emptySet;
  const { changed, removed } = compareFields(type, config, live);
  return difference(difference(fieldsOf(type, config), changed), removed);
}

/** Keys sorted as Go writes them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function textOf(config: Tree): string {
  const metadata = isTree(config['metadata']) ? config['metadata'] : {};
  const { [lastAppliedAnnotation]: _, ...annotations } = isTree(metadata['annotations']) ? metadata['annotations'] : {};
  const annotated = 'annotations' in metadata ? { ...metadata, annotations } : metadata;
  return `${JSON.stringify(sorted({ ...config, metadata: annotated }))}\n`;
}

const sizeOf = (annotations: Readonly<Record<string, string>>) =>
  Object.entries(annotations).reduce(
    (size, [key, value]) => size + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );

/** The object with its annotation up to date; without one, or when it is, the object itself. */
export function withLastApplied(object: KubeObject, config: Tree): KubeObject {
  const text = lastAppliedOf(object) === undefined ? undefined : textOf(config);
  if (text === undefined || text === lastAppliedOf(object)) return object;
  const { [lastAppliedAnnotation]: _, ...others } = object.metadata.annotations ?? {};
  const all = { ...others, [lastAppliedAnnotation]: text };
  const metadata: ObjectMeta = { ...object.metadata, annotations: sizeOf(all) > maxAnnotations ? others : all };
  return { ...object, metadata };
}
