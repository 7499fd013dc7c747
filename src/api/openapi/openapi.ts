import { createHash } from 'node:crypto';
import { type GroupVersionFacts, groupVersionFacts } from '../discovery-facts.ts';
import { factCounts } from '../facts.ts';
import { bundledDescriptions, type Descriptions } from './descriptions.ts';
import { encodeOpenApiV2 } from './gnostic.ts';
import { groupVersionPath, type PathItem, PathWriter } from './paths.ts';
import { type Dialect, modelName, type Schema, SchemaWriter } from './schema.ts';

/** What clients ask for to get the v2 document as protobuf, and what the answer must be called: Go cannot parse the `@`. */
export const openApiV2ProtobufAccept = [
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
] as const;
export const openApiV2ProtobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** A document as it is sent, and its entity tag (without quotes). */
export interface OpenApiDocument {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface OpenApiOptions {
  /** Texts for types and fields, asked for with the first document; those the build laid beside the bundle unless given. */
  readonly descriptions?: () => Descriptions | undefined;
  /** Version of the server, `v1.36.4`. */
  readonly version?: string;
}

/** Types every document holds, whatever its resources refer to. */
const everywhere = ['meta/v1.WatchEvent', 'meta/v1.Status', 'meta/v1.DeleteOptions', 'meta/v1.APIResourceList'];
const everyGroupTypes: ReadonlySet<string> = new Set(['meta/v1.DeleteOptions', 'meta/v1.WatchEvent']);

/**
 * The OpenAPI documents of the built-in kinds, made from the facts when first asked for and kept as bytes: nothing is
 * made at start. Entity tags come from the inputs, so the v3 index needs no document.
 */
export class OpenApi {
  readonly #load: () => Descriptions | undefined;
  readonly #info: { title: string; version: string };
  #descriptions: Descriptions | undefined;
  readonly #groupVersions = new Map<string, GroupVersionFacts>();
  readonly #v3 = new Map<string, OpenApiDocument>();
  /** Components of v3 documents as JSON, shared between documents. */
  readonly #components = new Map<string, { json: string; refers: ReadonlySet<string> }>();
  #index: OpenApiDocument | undefined;
  #v2Json: OpenApiDocument | undefined;
  #v2Protobuf: OpenApiDocument | undefined;

  constructor(options: OpenApiOptions = {}) {
    this.#load = options.descriptions ?? bundledDescriptions;
    this.#info = { title: 'Kubernetes', version: options.version ?? 'v1.36.4' };
    for (const gv of groupVersionFacts) this.#groupVersions.set(groupVersionPath(gv), gv);
  }

  /** `/openapi/v3`: where each group version's document is. */
  v3Index(): OpenApiDocument {
    if (!this.#index) {
      const paths: Record<string, { serverRelativeURL: string }> = {};
      for (const path of this.#groupVersions.keys())
        paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${this.#hash(path)}` };
      this.#index = { bytes: Buffer.from(JSON.stringify({ paths })), etag: this.#hash('index') };
    }
    return this.#index;
  }

  /** `/openapi/v3/{path}` with path `api/v1` or `apis/apps/v1`; undefined when there is none. */
  v3(path: string): OpenApiDocument | undefined {
    const gv = this.#groupVersions.get(path);
    if (!gv) return undefined;
    let document = this.#v3.get(path);
    if (!document) this.#v3.set(path, (document = { bytes: this.#writeV3(gv), etag: this.#hash(path) }));
    return document;
  }

  /** `/openapi/v2` as JSON. */
  v2Json(): OpenApiDocument {
    return (this.#v2Json ??= { bytes: Buffer.from(JSON.stringify(this.#writeV2())), etag: this.#hash('v2') });
  }

  /** `/openapi/v2` as `application/com.github.proto-openapi.spec.v2@v1.0+protobuf`. */
  v2Protobuf(): OpenApiDocument {
    return (this.#v2Protobuf ??= { bytes: encodeOpenApiV2(this.#writeV2()), etag: this.#hash('v2pb') });
  }

  /** Loaded with the first document or index. */
  #texts(): Descriptions {
    return (this.#descriptions ??= this.#load() ?? { describe: () => undefined, fingerprint: '' });
  }

  #hash(part: string): string {
    const input = `${JSON.stringify(factCounts)}\n${this.#texts().fingerprint}\n${this.#info.version}\n${part}`;
    return createHash('sha512').update(input).digest('hex').toUpperCase();
  }

  #writeV3(gv: GroupVersionFacts): Buffer {
    const writer = this.#writer('v3', (name) => (everyGroupTypes.has(name) ? [] : undefined));
    const wanted = new Set(everywhere);
    const paths = new PathWriter(gv, 'v3', (type) => {
      wanted.add(type);
      return writer.reference(type);
    }).paths();
    const components: string[] = [];
    // The set grows while it is walked: components name further components.
    for (const name of wanted) {
      const { json, refers } = this.#component(writer, name);
      for (const other of refers) wanted.add(other);
      // Kinds of every group say they belong to this one.
      const local = everyGroupTypes.has(name) ? withKind(json, gv, name) : json;
      components.push(`${JSON.stringify(modelName(name))}:${local}`);
    }
    const info = JSON.stringify(this.#info);
    return Buffer.from(
      `{"openapi":"3.0.0","info":${info},"paths":${JSON.stringify(paths)},"components":{"schemas":{${components.sort().join(',')}}}}`,
    );
  }

  #component(writer: SchemaWriter, name: string): { json: string; refers: ReadonlySet<string> } {
    let component = this.#components.get(name);
    if (!component) {
      const { schema, refers } = writer.component(name);
      this.#components.set(name, (component = { json: JSON.stringify(schema), refers }));
    }
    return component;
  }

  #writeV2(): Record<string, unknown> {
    const all = [...this.#groupVersions.values()];
    const kinds = (name: string) =>
      everyGroupTypes.has(name)
        ? all.map(({ group, version }) => ({ group, kind: name.slice(name.indexOf('.') + 1), version }))
        : undefined;
    const writer = this.#writer('v2', kinds);
    const wanted = new Set(everywhere);
    const paths: Record<string, PathItem> = {};
    const refer = (type: string) => {
      wanted.add(type);
      return writer.reference(type);
    };
    for (const gv of all) Object.assign(paths, new PathWriter(gv, 'v2', refer).paths());
    const definitions: [string, Schema][] = [];
    for (const name of wanted) {
      const { schema, refers } = writer.component(name);
      for (const other of refers) wanted.add(other);
      definitions.push([modelName(name), schema]);
    }
    definitions.sort(([a], [b]) => (a < b ? -1 : 1));
    return { swagger: '2.0', info: this.#info, paths, definitions: Object.fromEntries(definitions) };
  }

  #writer(
    dialect: Dialect,
    everyGroup: (name: string) => { group: string; kind: string; version: string }[] | undefined,
  ): SchemaWriter {
    return new SchemaWriter(dialect, this.#texts().describe, everyGroup);
  }
}

function withKind(json: string, gv: GroupVersionFacts, name: string): string {
  const kind = name.slice(name.indexOf('.') + 1);
  const kinds = [{ group: gv.group, kind, version: gv.version }];
  return `${json.slice(0, -1)},"x-kubernetes-group-version-kind":${JSON.stringify(kinds)}}`;
}
