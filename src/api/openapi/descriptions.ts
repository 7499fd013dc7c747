import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { Describe } from './schema.ts';

/** Texts for the types of the API, and what tells one set of texts from another. */
export interface Descriptions {
  readonly describe: Describe;
  readonly fingerprint: string;
}

const asset = 'descriptions.json.br';

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The texts the build has laid beside the bundle; undefined when there are none, as when running from sources. They are
 * unpacked (1 MB, some 20 ms) when the first text is asked for.
 */
export function bundledDescriptions(folder: URL = new URL('./', import.meta.url)): Descriptions | undefined {
  let packed: Buffer;
  try {
    packed = readFileSync(new URL(asset, folder));
  } catch {
    // Without the asset documents are complete but for their texts.
    return undefined;
  }
  let texts: Texts | undefined;
  const describe: Describe = (type, field = '') => {
    texts ??= JSON.parse(brotliDecompressSync(packed).toString()) as Texts;
    const own = Object.hasOwn(texts, type) ? texts[type]! : undefined;
    return own && Object.hasOwn(own, field) ? own[field] : undefined;
  };
  return { describe, fingerprint: createHash('sha256').update(packed).digest('hex') };
}
