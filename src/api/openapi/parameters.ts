import { createHash } from 'node:crypto';
import { typeFacts } from '../facts.ts';
import type { Describe, Dialect, Schema } from './schema.ts';

/** Parameters of operations: the fields of the options types, as upstream makes them. */

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string | undefined;
}

const scalars: Readonly<Record<string, Parameter['type']>> = { bool: 'boolean', int32: 'integer', int64: 'integer' };
/** Of what every object carries, and of a shape that no query can have, nothing becomes a parameter. */
const left: ReadonlySet<string> = new Set(['kind', 'apiVersion', 'preconditions']);

/** The options of each verb, by type name. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  get: [],
  list: ['meta/v1.ListOptions'],
  create: ['meta/v1.CreateOptions'],
  update: ['meta/v1.UpdateOptions'],
  patch: ['meta/v1.PatchOptions'],
  delete: ['meta/v1.DeleteOptions'],
  deletecollection: ['meta/v1.DeleteOptions', 'meta/v1.ListOptions'],
};
/** Options of a list that make no sense where nothing is watched. */
const watchOnly: ReadonlySet<string> = new Set(['watch', 'allowWatchBookmarks']);

/** Writes parameters in the words of one dialect. In v2 they are told once and referred to. */
export class ParameterWriter {
  readonly #dialect: Dialect;
  readonly #describe: Describe;
  /** What v2 documents tell once, by name. */
  readonly shared = new Map<string, Schema>();
  readonly #written = new Map<string, readonly Schema[]>();

  constructor(dialect: Dialect, describe: Describe) {
    this.#dialect = dialect;
    this.#describe = describe;
  }

  /** The query of a verb. */
  ofVerb(verb: string): readonly Schema[] {
    return this.#once(verb, () => {
      const fields = (optionsOf[verb] ?? []).flatMap((type) => this.#fields(type));
      return verb === 'deletecollection' ? fields.filter(({ name }) => !watchOnly.has(name)) : fields;
    });
  }

  /** The query of a connection, by its options type: `core/v1.PodExecOptions`. */
  ofOptions(type: string): readonly Schema[] {
    return this.#once(type, () => this.#fields(type));
  }

  #once(key: string, parameters: () => readonly Parameter[]): readonly Schema[] {
    let written = this.#written.get(key);
    if (!written) {
      const sorted = [...parameters()].sort((a, b) => (a.name < b.name ? -1 : 1));
      this.#written.set(key, (written = sorted.map((parameter) => this.#write(parameter))));
    }
    return written;
  }

  /** What every operation of a path takes. */
  ofPath(
    kind: string,
    parts: { readonly named: boolean; readonly namespaced: boolean; readonly rest?: boolean },
  ): Schema[] {
    const inPath = (name: string, description: string): Parameter => ({
      name,
      in: 'path',
      type: 'string',
      description,
    });
    return [
      ...(parts.named ? [inPath('name', `name of the ${kind}`)] : []),
      ...(parts.namespaced ? [inPath('namespace', 'the namespace the object is in')] : []),
      ...(parts.rest ? [inPath('path', 'path to the resource')] : []),
      {
        name: 'pretty',
        in: 'query' as const,
        type: 'string' as const,
        description: "'true' gives indented output; so does a browser or command-line tool as user agent",
      },
    ].map((parameter) => this.#write(parameter));
  }

  #fields(type: string): Parameter[] {
    const fields = [...typeFacts(type).fields.values()].filter((f) => !left.has(f.name) && f.gates.length === 0);
    return fields.map(({ name, type: { shape } }) => ({
      name,
      in: 'query',
      type: scalars[shape] ?? 'string',
      description: this.#describe(type, name),
    }));
  }

  #write({ name, in: place, type, description }: Parameter): Schema {
    const plain = { type, uniqueItems: true };
    const parameter = {
      ...(description !== undefined && { description }),
      in: place,
      name,
      ...(place === 'path' && { required: true }),
      ...(this.#dialect === 'v2' ? plain : { schema: plain }),
    };
    return this.#dialect === 'v2' ? this.#refer(name, parameter) : parameter;
  }

  #refer(name: string, parameter: Schema): Schema {
    const hash = createHash('sha256').update(JSON.stringify(parameter)).digest('base64url').slice(0, 8);
    this.shared.set(`${name}-${hash}`, parameter);
    return { $ref: `#/parameters/${name}-${hash}` };
  }
}
