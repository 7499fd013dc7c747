import { createHash } from 'node:crypto';
import { encodeOpenApiV2 } from '../../api/openapi/gnostic.ts';
import type { OpenApi, OpenApiDocument } from '../../api/openapi/openapi.ts';
import type { ForeignApi } from './foreign-api.ts';
import type { ForeignDocuments, ForeignOpenApi } from './foreign-openapi.ts';
import { joined, type OpenApiParts, withoutPaths } from './openapi-parts.ts';
import { v3Of } from './openapi-v3.ts';

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
 * This server's documents with those of others in them; without others they are this server's own. v3 documents that others have
 * are not among them: requests for those are passed on.
 */
export class AggregatedOpenApi implements OpenApiDocuments {
  readonly #own: OpenApiDocuments;
  readonly #foreign: ForeignOpenApi;
  #index: Made<OpenApiDocument> | undefined;
  #v2: Made<OpenApiParts> | undefined;
  readonly #v3 = new WeakMap<OpenApiParts, OpenApiDocument>();
  readonly #v2Json = new WeakMap<OpenApiParts, OpenApiDocument>();
  readonly #v2Protobuf = new WeakMap<OpenApiParts, OpenApiDocument>();

  constructor(own: OpenApiDocuments, foreign: ForeignOpenApi) {
    this.#own = own;
    this.#foreign = foreign;
  }

  v3(path: string): OpenApiDocument | undefined {
    if (this.#foreign.isEmpty) return this.#own.v3(path);
    const found = this.#foreign.all().find(([api]) => api.path === `/${path}`);
    return found ? this.#converted(...found) : this.#own.v3(path);
  }

  v3Index(): OpenApiDocument {
    const own = this.#own.v3Index();
    if (this.#foreign.isEmpty) return own;
    this.#index = this.#made(this.#index, own, () => {
      const { paths } = JSON.parse(own.bytes.toString()) as { paths: V3Paths };
      for (const [api, documents] of this.#foreign.all()) {
        const [{ path }, { v3 }] = [api, documents];
        delete paths[path.slice(1)];
        const url = v3 ?? this.#convertedUrl(api, documents);
        if (url) paths[path.slice(1)] = { serverRelativeURL: url };
      }
      const sorted = Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
      return documentOf(Buffer.from(JSON.stringify({ paths: sorted })));
    });
    return this.#index.value;
  }

  /** The v3 document of a server that has none, made of its part of the v2 document. */
  #converted({ group, version }: ForeignApi, { v2 }: ForeignDocuments): OpenApiDocument | undefined {
    const info = { title: group, version };
    return v2 && keptFor(this.#v3, v2, (parts) => Buffer.from(JSON.stringify(v3Of(parts, info))));
  }

  #convertedUrl(api: ForeignApi, documents: ForeignDocuments): string | undefined {
    const document = this.#converted(api, documents);
    return document && `/openapi/v3${api.path}?hash=${document.etag}`;
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
