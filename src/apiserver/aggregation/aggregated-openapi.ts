import { createHash } from 'node:crypto';
import { encodeOpenApiV2 } from '../../api/openapi/gnostic.ts';
import type { OpenApi, OpenApiDocument } from '../../api/openapi/openapi.ts';
import type { ForeignOpenApi } from './foreign-openapi.ts';
import { joined, type OpenApiParts, withoutPaths } from './openapi-parts.ts';

/** The documents that clients are shown. */
export type OpenApiDocuments = Pick<OpenApi, 'v2Json' | 'v2Protobuf' | 'v3Index' | 'v3'>;

/** A document and what it was made of. */
interface Made<T> {
  readonly own: OpenApiDocument;
  readonly generation: number;
  readonly value: T;
}

type V3Paths = Record<string, { readonly serverRelativeURL: string }>;

/**
 * This server's documents with those of others in them; without others they are this server's own. v3 documents of others are
 * not among them: requests for those are passed on.
 */
export class AggregatedOpenApi implements OpenApiDocuments {
  readonly #own: OpenApiDocuments;
  readonly #foreign: ForeignOpenApi;
  #index: Made<OpenApiDocument> | undefined;
  #v2: Made<OpenApiParts> | undefined;
  readonly #v2Json = new WeakMap<OpenApiParts, OpenApiDocument>();
  readonly #v2Protobuf = new WeakMap<OpenApiParts, OpenApiDocument>();

  constructor(own: OpenApiDocuments, foreign: ForeignOpenApi) {
    this.#own = own;
    this.#foreign = foreign;
  }

  v3(path: string): OpenApiDocument | undefined {
    return this.#own.v3(path);
  }

  v3Index(): OpenApiDocument {
    const own = this.#own.v3Index();
    if (this.#foreign.isEmpty) return own;
    this.#index = this.#made(this.#index, own, () => {
      const { paths } = JSON.parse(own.bytes.toString()) as { paths: V3Paths };
      for (const [{ path }, { v3 }] of this.#foreign.all()) {
        delete paths[path.slice(1)];
        if (v3) paths[path.slice(1)] = { serverRelativeURL: v3 };
      }
      const sorted = Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
      return documentOf(Buffer.from(JSON.stringify({ paths: sorted })));
    });
    return this.#index.value;
  }

  v2Json(): OpenApiDocument {
    if (this.#foreign.isEmpty) return this.#own.v2Json();
    return keptFor(this.#v2Json, this.#joinedV2(), (v2) => Buffer.from(JSON.stringify(v2)));
  }

  v2Protobuf(): OpenApiDocument {
    if (this.#foreign.isEmpty) return this.#own.v2Protobuf();
    return keptFor(this.#v2Protobuf, this.#joinedV2(), (v2) => Buffer.from(encodeOpenApiV2({ ...v2 })));
  }

  #joinedV2(): OpenApiParts {
    const own = this.#own.v2Json();
    this.#v2 = this.#made(this.#v2, own, () => {
      let document = JSON.parse(own.bytes.toString()) as OpenApiParts;
      for (const [{ path }, { v2 }] of this.#foreign.all()) {
        document = withoutPaths(document, `${path}/`);
        if (v2) document = joined(document, v2);
      }
      return document;
    });
    return this.#v2.value;
  }

  #made<T>(former: Made<T> | undefined, own: OpenApiDocument, make: () => T): Made<T> {
    const { generation } = this.#foreign;
    if (former?.own === own && former.generation === generation) return former;
    return { own, generation, value: make() };
  }
}

const documentOf = (bytes: Buffer): OpenApiDocument => ({
  bytes,
  etag: createHash('sha512').update(bytes).digest('hex').toUpperCase(),
});

function keptFor(
  kept: WeakMap<OpenApiParts, OpenApiDocument>,
  parts: OpenApiParts,
  write: (parts: OpenApiParts) => Buffer,
): OpenApiDocument {
  let document = kept.get(parts);
  if (!document) kept.set(parts, (document = documentOf(write(parts))));
  return document;
}
