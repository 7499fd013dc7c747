import type { VolumeFile } from '../../node/runtime.ts';
import type { ConfigKind } from '../config-cache.ts';
import type { ConfigObject, KeyToPath } from '../types.ts';
import { modeFor, type VolumeContext } from './volume-type.ts';

/** What configMap, secret and their projections have in common. */
export interface KeySource {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
  readonly defaultMode: number;
}

const missingKey: Record<ConfigKind, string> = {
  configmap: 'configmap references non-existent config key: ',
  secret: 'references non-existent secret key: ',
};

/** The files a ConfigMap or Secret gives: every key, or the listed items. Throws with kubelet's texts. */
export async function keyFiles(context: VolumeContext, source: KeySource): Promise<VolumeFile[]> {
  const object = await context.read(source.kind, source.name);
  if (!object) {
    if (source.optional) return [];
    throw new Error(`${source.kind} "${source.name}" not found`);
  }
  const contents = contentsOf(source.kind, object);
  const mode = (own: number | undefined) => modeFor(context.pod, own ?? source.defaultMode);
  if (!source.items?.length) {
    return [...contents].map(([path, content]) => ({ path, content, mode: mode(undefined) }));
  }
  const files: VolumeFile[] = [];
  for (const item of source.items) {
    const content = contents.get(item.key);
    if (content) files.push({ path: item.path, content, mode: mode(item.mode) });
    else if (!source.optional) throw new Error(`${missingKey[source.kind]}${item.key}`);
  }
  return files;
}

function contentsOf(kind: ConfigKind, object: ConfigObject): Map<string, Buffer> {
  const plain = kind === 'configmap' ? 'utf8' : 'base64';
  const contents = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(object.data ?? {})) contents.set(key, Buffer.from(value, plain));
  for (const [key, value] of Object.entries(object.binaryData ?? {})) contents.set(key, Buffer.from(value, 'base64'));
  return contents;
}
