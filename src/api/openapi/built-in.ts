import type { GroupVersionFacts } from '../discovery-facts.ts';
import { kindFacts } from '../facts.ts';
import type { ServedApis } from '../served-apis.ts';
import type { GeneralPath } from './general.ts';
import { ParameterWriter } from './parameters.ts';
import { type PathGroupVersion, type PathItem, PathWriter, type References } from './paths.ts';
import { type Describe, type Dialect, type EveryGroup, modelName, type Schema, SchemaWriter } from './schema.ts';

/** What a document is made of, before it is one. */
export interface Part {
  readonly paths: Readonly<Record<string, PathItem>>;
  /** By model name. */
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly parameters: ReadonlyMap<string, Schema>;
}

/** Types every document holds, whatever its resources refer to. */
const everywhere = ['meta/v1.WatchEvent', 'meta/v1.Status', 'meta/v1.DeleteOptions', 'meta/v1.APIResourceList'];
const everyGroupTypes: ReadonlySet<string> = new Set(['meta/v1.DeleteOptions', 'meta/v1.WatchEvent']);
const kindOf = (name: string) => name.slice(name.indexOf('.') + 1);

const factsName = ({ group, version, kind }: { group: string; version: string; kind: string }): string =>
  kindFacts(group, version, kind)!.name;

const references = (refer: (type: string) => Schema): References => ({
  kind: (gvk) => refer(factsName(gvk)),
  meta: (name) => refer(`meta/v1.${name}`),
});

const withListKinds = (gv: GroupVersionFacts): PathGroupVersion => ({
  ...gv,
  resources: gv.resources.map((resource) => ({ ...resource, listKind: `${resource.kind}List` })),
});

/** Writes the parts of the built-in kinds, from the facts. */
export class BuiltInParts {
  readonly #describe: Describe;
  readonly #current: readonly GroupVersionFacts[];
  readonly #general: readonly GeneralPath[];
  /** Components as JSON, shared between the documents of v3. */
  readonly #components = new Map<string, { json: string; refers: ReadonlySet<string> }>();
  readonly #writer: SchemaWriter;

  /** v2 is one document for all, and clients read it whole: it describes no old versions. */
  constructor(describe: Describe, apis: ServedApis, general: readonly GeneralPath[]) {
    this.#describe = describe;
    this.#current = apis.groups.flatMap((facts) => facts.versions);
    this.#general = general;
    this.#writer = new SchemaWriter('v3', describe, (name) => (everyGroupTypes.has(name) ? [] : undefined));
  }

  /** A writer of v3 components refers to types like this. */
  readonly reference = (type: string): Schema => this.#writer.reference(type);

  /** The paths of a group version, and the types they need. */
  v3(gv: GroupVersionFacts): { paths: Record<string, PathItem>; types: Set<string> } {
    const types = new Set(everywhere);
    const refer = (type: string) => {
      types.add(type);
      return this.reference(type);
    };
    return { paths: this.#paths(withListKinds(gv), 'v3', refer, new ParameterWriter('v3', this.#describe)), types };
  }

  /** v3 components of types and of all they refer to, as `"name":{…}`; meta kinds say they are of this group version. */
  components(types: ReadonlySet<string>, gv: { group: string; version: string }): string[] {
    const wanted = new Set(types);
    const components: string[] = [];
    // The set grows while it is walked: components name further components.
    for (const name of wanted) {
      const { json, refers } = this.#component(name);
      for (const other of refers) wanted.add(other);
      components.push(
        `${JSON.stringify(modelName(name))}:${everyGroupTypes.has(name) ? withKind(json, gv, name) : json}`,
      );
    }
    return components;
  }

  #component(name: string): { json: string; refers: ReadonlySet<string> } {
    let component = this.#components.get(name);
    if (!component) {
      const { schema, refers } = this.#writer.component(name);
      this.#components.set(name, (component = { json: JSON.stringify(schema), refers }));
    }
    return component;
  }

  /** Everything of v2. */
  v2(): Part {
    const kinds: EveryGroup = (name) =>
      everyGroupTypes.has(name)
        ? this.#current.map(({ group, version }) => ({ group, kind: kindOf(name), version }))
        : undefined;
    const writer = new SchemaWriter('v2', this.#describe, kinds);
    const wanted = new Set(everywhere);
    const refer = (type: string) => {
      wanted.add(type);
      return writer.reference(type);
    };
    const parameters = new ParameterWriter('v2', this.#describe);
    const paths: Record<string, PathItem> = {};
    for (const gv of this.#current) Object.assign(paths, this.#paths(withListKinds(gv), 'v2', refer, parameters));
    for (const general of this.#general) Object.assign(paths, generalPath(general, 'v2', refer));
    const schemas: [string, Schema][] = [];
    for (const name of wanted) {
      const { schema, refers } = writer.component(name);
      for (const other of refers) wanted.add(other);
      schemas.push([modelName(name), schema]);
    }
    schemas.sort(([a], [b]) => (a < b ? -1 : 1));
    return { paths, schemas: Object.fromEntries(schemas), parameters: parameters.shared };
  }

  #paths(
    gv: PathGroupVersion,
    dialect: Dialect,
    refer: (type: string) => Schema,
    parameters: ParameterWriter,
  ): Record<string, PathItem> {
    return new PathWriter(gv, dialect, references(refer), parameters).paths();
  }
}

/** The path of what belongs to no group version. */
export function generalPath(
  { document, description, operationId, tag, type, schema }: GeneralPath,
  dialect: Dialect,
  refer: (type: string) => Schema,
): Record<string, PathItem> {
  const answer = type ? refer(type) : schema!;
  const types = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
  const produced = type ? types : types.slice(0, 1);
  const ok = { description: 'OK' };
  const denied = { 401: { description: 'Unauthorized' } };
  const content = Object.fromEntries(produced.map((t) => [t, { schema: answer }]));
  const operation =
    dialect === 'v2'
      ? {
          consumes: produced,
          produces: produced,
          schemes: ['https'],
          responses: { 200: { ...ok, schema: answer }, ...denied },
        }
      : { responses: { 200: { ...ok, content }, ...denied } };
  return { [`/${document}/`]: { get: { description, operationId, tags: [tag], ...operation } } };
}

function withKind(json: string, gv: { group: string; version: string }, name: string): string {
  const kinds = [{ group: gv.group, kind: kindOf(name), version: gv.version }];
  return `${json.slice(0, -1)},"x-kubernetes-group-version-kind":${JSON.stringify(kinds)}}`;
}
