import type { PodTemplateSpec } from '../api/types/core-v1.gen.ts';
import { nameAlphabet } from '../base/ids.ts';

/** The label by which a ReplicaSet's pods are told from those of its siblings. */
export const hashLabel = 'pod-template-hash';

/** JSON with sorted keys: equal trees give equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** FNV-1 with 32 bits, as Go's hash/fnv `New32a` (the xor-first variant). */
export function fnv32a(bytes: Uint8Array, hash = 0x811c9dc5): number {
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The decimal digits of a hash in the alphabet of generated names, as apimachinery `rand.SafeEncodeString`. */
export function safeEncode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) encoded += nameAlphabet[byte % nameAlphabet.length];
  return encoded;
}

/** The pod-template-hash of a template; the collision count, if any, goes into the hash. */
export function templateHash(template: PodTemplateSpec, collisions: number | undefined): string {
  let hash = fnv32a(Buffer.from(canonicalJson(template)));
  if (collisions !== undefined) {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(collisions);
    hash = fnv32a(bytes, hash);
  }
  return safeEncode(String(hash));
}

/** Whether two templates differ in nothing but the hash label. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): unknown {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  const { labels: _labels, creationTimestamp: _time, ...metadata } = template.metadata ?? {};
  return { metadata: { ...metadata, labels }, spec: template.spec };
}
