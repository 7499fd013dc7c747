import { createHash } from 'node:crypto';
import type { GroupVersionFacts } from '../discovery-facts.ts';
import { factCounts } from '../facts.ts';
import { type ServedApis, servedApis } from '../served-apis.ts';
import type { CustomResourceDefinition } from '../types/apiextensions-v1.gen.ts';
import { BuiltInParts, generalPath, type Part } from './built-in.ts';
import { type CustomPart, customPart, definitionFingerprint } from './custom-kind.ts';
import { bundledDescriptions, type Descriptions } from './descriptions.ts';
import { type GeneralPath, generalPaths } from './general.ts';
import { encodeOpenApiV2 } from './gnostic.ts';
import { groupVersionPath } from './paths.ts';
import { type Dialect, SchemaWriter } from './schema.ts';

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
  /** The built-in versions to describe: those of a default v1.36 and the old ones unless given. */
  readonly apis?: ServedApis;
}

const customInfo = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };

/** The built-in part of v2 as JSON, ready to be joined with that of definitions. */
interface V2Json {
  readonly paths: string;
  readonly schemas: string;
  readonly parameters: string;
}

/**
 * The OpenAPI documents, made when first asked for and kept as bytes: nothing is made at start. Entity tags come from the
 * inputs, so the v3 index needs no document. Definitions come and go by `publish` and `withdraw`; only the documents they are
 * in are made anew, out of parts that are kept for each state of a definition.
 */
export class OpenApi {
  readonly #load: () => Descriptions | undefined;
  readonly #info: { title: string; version: string };
  readonly #apis: ServedApis;
  readonly #general: readonly GeneralPath[];
  /** By the path of the document. */
  readonly #groupVersions: ReadonlyMap<string, GroupVersionFacts>;
  #descriptions: Descriptions | undefined;
  #builtIn: BuiltInParts | undefined;
  readonly #v3 = new Map<string, OpenApiDocument>();
  readonly #definitions = new Map<string, CustomResourceDefinition>();
  readonly #parts = new WeakMap<CustomResourceDefinition, Map<string, CustomPart>>();
  #index: OpenApiDocument | undefined;
  #v2Base: Part | undefined;
  #v2BaseJson: V2Json | undefined;
  #v2BaseProtobuf: Buffer | undefined;
  #v2Json: OpenApiDocument | undefined;
  #v2Protobuf: OpenApiDocument | undefined;

  constructor(options: OpenApiOptions = {}) {
    this.#load = options.descriptions ?? bundledDescriptions;
    this.#info = { title: 'Kubernetes', version: options.version ?? 'v1.36.4' };
    this.#apis = options.apis ?? servedApis();
    this.#general = generalPaths(this.#apis.groups.map(({ group }) => group));
    this.#groupVersions = new Map(this.#apis.versions.map((gv) => [groupVersionPath(gv), gv]));
  }

  /** Documents a definition's kinds, in place of an earlier state of it. */
  publish(crd: CustomResourceDefinition): void {
    const former = this.#definitions.get(crd.metadata.name!);
    if (former && definitionFingerprint(former) === definitionFingerprint(crd)) return;
    this.#definitions.set(crd.metadata.name!, crd);
    this.#forget(former, crd);
  }

  /** Documents a definition no longer. */
  withdraw(name: string): void {
    const former = this.#definitions.get(name);
    if (this.#definitions.delete(name)) this.#forget(former);
  }

  #forget(...definitions: readonly (CustomResourceDefinition | undefined)[]): void {
    for (const crd of definitions) for (const path of crd ? pathsOf(crd) : []) this.#v3.delete(path);
    this.#index = this.#v2Json = this.#v2Protobuf = undefined;
  }

  /** `/openapi/v3`: where each group version's document is. */
  v3Index(): OpenApiDocument {
    if (!this.#index) {
      const paths: Record<string, { serverRelativeURL: string }> = {};
      for (const path of this.#v3Paths())
        paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${this.#etag(path)}` };
      const bytes = Buffer.from(JSON.stringify({ paths }));
      this.#index = { bytes, etag: digest(bytes.toString()) };
    }
    return this.#index;
  }

  #v3Paths(): string[] {
    const custom = [...this.#definitions.values()].flatMap(pathsOf);
    const all = [...this.#general.map((general) => general.document), ...this.#groupVersions.keys(), ...custom];
    return [...new Set(all)].sort();
  }

  /** `/openapi/v3/{path}` with path `api/v1` or `apis/apps/v1`; undefined when there is none. */
  v3(path: string): OpenApiDocument | undefined {
    let document = this.#v3.get(path);
    if (!document) {
      const bytes = this.#writeV3(path);
      if (bytes) this.#v3.set(path, (document = { bytes, etag: this.#etag(path) }));
    }
    return document;
  }

  /** `/openapi/v2` as JSON. */
  v2Json(): OpenApiDocument {
    if (this.#v2Json) return this.#v2Json;
    const base = this.#v2Part();
    const custom = this.#customV2(base);
    this.#v2BaseJson ??= {
      paths: inner(base.paths),
      schemas: inner(base.schemas),
      parameters: inner(Object.fromEntries(base.parameters)),
    };
    const { paths, schemas, parameters } = this.#v2BaseJson;
    const join = (own: string, more: readonly string[]) => [own, ...more].join(',');
    const json =
      `{"swagger":"2.0","info":${JSON.stringify(this.#info)},` +
      `"paths":{${join(
        paths,
        custom.map((part) => inner(part.paths)),
      )}},` +
      `"definitions":{${join(
        schemas,
        custom.map((part) => inner(part.schemas)),
      )}},` +
      `"parameters":{${join(parameters, custom.map((part) => inner(part.parameters)).filter(Boolean))}}}`;
    return (this.#v2Json = { bytes: Buffer.from(json), etag: this.#etag('v2') });
  }

  /** `/openapi/v2` as `application/com.github.proto-openapi.spec.v2@v1.0+protobuf`. */
  v2Protobuf(): OpenApiDocument {
    if (this.#v2Protobuf) return this.#v2Protobuf;
    const base = this.#v2Part();
    this.#v2BaseProtobuf ??= encodeOpenApiV2({
      swagger: '2.0',
      info: this.#info,
      paths: base.paths,
      definitions: base.schemas,
      parameters: Object.fromEntries(base.parameters),
    });
    // Messages that are written one after the other are one message to who reads them.
    const custom = this.#customV2(base).map((part) =>
      encodeOpenApiV2({ paths: part.paths, definitions: part.schemas, parameters: part.parameters }),
    );
    return (this.#v2Protobuf = { bytes: Buffer.concat([this.#v2BaseProtobuf, ...custom]), etag: this.#etag('v2pb') });
  }

  /** Loaded with the first document or index. */
  #texts(): Descriptions {
    return (this.#descriptions ??= this.#load() ?? { describe: () => undefined, fingerprint: '' });
  }

  #builtInParts(): BuiltInParts {
    return (this.#builtIn ??= new BuiltInParts(this.#texts().describe, this.#apis, this.#general));
  }

  #etag(part: string): string {
    const custom = [...this.#definitions.values()].filter(
      (crd) => part.startsWith('v2') || pathsOf(crd).includes(part),
    );
    const prints = custom.map(definitionFingerprint).sort();
    return digest(
      [JSON.stringify(factCounts), this.#texts().fingerprint, this.#info.version, part, ...prints].join('\n'),
    );
  }

  #writeV3(path: string): Buffer | undefined {
    const builtIn = this.#builtInParts();
    const gv = this.#groupVersions.get(path);
    if (gv) {
      const { paths, types } = builtIn.v3(gv);
      return this.#document(this.#info, paths, builtIn.components(types, gv));
    }
    const general = this.#general.find(({ document }) => document === path);
    if (general) {
      const types = new Set(general.type ? [general.type] : []);
      const paths = generalPath(general, 'v3', builtIn.reference);
      return this.#document(this.#info, paths, builtIn.components(types, { group: '', version: 'v1' }));
    }
    return this.#writeCustomV3(path);
  }

  #writeCustomV3(path: string): Buffer | undefined {
    const parts: CustomPart[] = [];
    let gv = { group: '', version: '' };
    for (const crd of this.#definitions.values())
      for (const version of crd.spec.versions) {
        const own = { group: crd.spec.group, version: version.name };
        if (!version.served || groupVersionPath(own) !== path) continue;
        gv = own;
        parts.push(this.#part(crd, version.name, 'v3'));
      }
    if (parts.length === 0) return undefined;
    const types = new Set(parts.flatMap((part) => [...part.refers]));
    const schemas = parts.flatMap((part) =>
      Object.entries(part.schemas).map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`),
    );
    const paths = Object.assign({}, ...parts.map((part) => part.paths));
    return this.#document(customInfo, paths, [...schemas, ...this.#builtInParts().components(types, gv)]);
  }

  #document(info: object, paths: object, components: string[]): Buffer {
    return Buffer.from(
      `{"openapi":"3.0.0","info":${JSON.stringify(info)},"paths":${JSON.stringify(paths)},"components":{"schemas":{${components.sort().join(',')}}}}`,
    );
  }

  #v2Part(): Part {
    return (this.#v2Base ??= this.#builtInParts().v2());
  }

  /** What definitions add to v2. What is built in has the right of way. */
  #customV2(base: Part): { paths: object; schemas: object; parameters: object }[] {
    const told = new Set(base.parameters.keys());
    const fresh = ([name]: readonly [string, unknown]) => !told.has(name) && told.add(name);
    return [...this.#definitions.values()].flatMap((crd) =>
      crd.spec.versions
        .filter((version) => version.served)
        .map((version) => {
          const part = this.#part(crd, version.name, 'v2');
          const schemas = Object.entries(part.schemas).filter(([name]) => !Object.hasOwn(base.schemas, name));
          const paths = Object.entries(part.paths).filter(([path]) => !Object.hasOwn(base.paths, path));
          return {
            paths: Object.fromEntries(paths),
            schemas: Object.fromEntries(schemas),
            parameters: Object.fromEntries([...part.parameters].filter(fresh)),
          };
        }),
    );
  }

  #part(crd: CustomResourceDefinition, versionName: string, dialect: Dialect): CustomPart {
    let parts = this.#parts.get(crd);
    if (!parts) this.#parts.set(crd, (parts = new Map()));
    const key = `${versionName} ${dialect}`;
    let part = parts.get(key);
    if (!part) {
      const { describe } = this.#texts();
      const writer = new SchemaWriter(dialect, describe, () => undefined);
      const version = crd.spec.versions.find(({ name }) => name === versionName)!;
      part = customPart(crd, version, dialect, describe, (type) => writer.reference(type));
      parts.set(key, part);
    }
    return part;
  }
}

const digest = (text: string): string => createHash('sha512').update(text).digest('hex').toUpperCase();

/** The members of an object as JSON, without its braces. */
const inner = (object: object): string => JSON.stringify(object).slice(1, -1);

/** The v3 documents a definition is in. */
const pathsOf = ({ spec }: CustomResourceDefinition): string[] =>
  spec.versions
    .filter((version) => version.served)
    .map((version) => groupVersionPath({ group: spec.group, version: version.name }));
