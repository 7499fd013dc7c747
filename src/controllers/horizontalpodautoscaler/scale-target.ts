import { parseApiVersion } from '../../api/object.ts';
import type { Scale } from '../../api/types/autoscaling-v1.gen.ts';
import type { CrossVersionObjectReference } from '../../api/types/autoscaling-v2.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Catalog, CatalogEntry } from '../catalog.ts';

/** What an autoscaler scales, by its scale subresource. */
export interface ScaleTarget {
  readonly scale: Scale;
  /** Replaces the number of replicas that are wanted. */
  resize(replicas: number, signal: AbortSignal): Promise<void>;
}

/** Finds a target and its scale. Throws with the text for the condition FailedGetScale. */
export async function scaleTarget(
  { client, catalog }: { readonly client: Client; readonly catalog: Catalog },
  namespace: string,
  reference: CrossVersionObjectReference,
  signal: AbortSignal,
): Promise<ScaleTarget> {
  const entry = entryOf(catalog, reference);
  const key = { ...(entry.namespaced && { namespace }), name: reference.name };
  const answer: unknown = await client.resource(entry).get(key, { subresource: 'scale', signal });
  const scale = answer as Scale;
  return {
    scale,
    resize: async (replicas) => {
      const changed = { ...scale, spec: { ...scale.spec, replicas } };
      await client.resource(entry).updateSubresource(key, 'scale', changed, { signal });
    },
  };
}

function entryOf(catalog: Catalog, { apiVersion = '', kind }: CrossVersionObjectReference): CatalogEntry {
  const version = apiVersion === '' ? { group: '' } : parseApiVersion(apiVersion);
  if (!version) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  const entry = catalog.byKind(version.group, kind);
  if (entry) return entry;
  throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(version.group)}`);
}
