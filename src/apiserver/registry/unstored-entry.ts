import type { KubeObject } from '../../api/object.ts';
import type { Entry } from '../../store/store.ts';

/** An object made for one answer in the form of a stored one, so that lists of such objects are written like any other. */
export function unstoredEntry(resource: string, object: KubeObject): Entry {
  const { namespace = '', name = '' } = object.metadata;
  const bytes = Buffer.from(JSON.stringify(object));
  return {
    key: { resource, namespace, name },
    revision: 0,
    object,
    bytes,
    size: bytes.length,
    metadataRange: undefined,
  };
}
