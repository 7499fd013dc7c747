import { isDeepStrictEqual } from 'node:util';

/** Joins OpenAPI v2 documents of several servers. Source: kube-openapi `aggregator`. */

type Tree = Readonly<Record<string, unknown>>;

/** What a document is joined by. */
export interface OpenApiParts {
  readonly paths: Tree;
  readonly definitions: Tree;
  readonly parameters: Tree;
}

const sections = ['definitions', 'parameters'] as const;
type Section = (typeof sections)[number];

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The paths of a document that begin with `prefix`, and what they refer to. Throws an Error for what is no document. */
export function partsBelow(document: unknown, prefix: string): OpenApiParts {
  if (!isTree(document)) throw new Error('the OpenAPI document is no object');
  const all = { paths: treeIn(document, 'paths'), ...knownIn(document) };
  const paths = Object.fromEntries(Object.entries(all.paths).filter(([path]) => path.startsWith(prefix)));
  const referred = { definitions: new Map<string, unknown>(), parameters: new Map<string, unknown>() };
  const follow = (value: unknown): void => {
    for (const { section, name } of referencesIn(value)) {
      if (referred[section].has(name) || !Object.hasOwn(all[section], name)) continue;
      referred[section].set(name, all[section][name]);
      follow(all[section][name]);
    }
  };
  follow(paths);
  return {
    paths,
    definitions: Object.fromEntries(referred.definitions),
    parameters: Object.fromEntries(referred.parameters),
  };
}

const knownIn = (document: Tree) => ({
  definitions: treeIn(document, 'definitions'),
  parameters: treeIn(document, 'parameters'),
});

function treeIn(document: Tree, key: string): Tree {
  const value = document[key] ?? {};
  if (!isTree(value)) throw new Error(`${key} of the OpenAPI document is no object`);
  return value;
}

/** The document with the parts in it. What it has under the same name and is another thing gets another name. */
export function joined<T extends OpenApiParts>(document: T, parts: OpenApiParts): T {
  const names = new Map<string, string>();
  for (const section of sections)
    for (const [name, value] of Object.entries(parts[section])) {
      const free = freeName(name, value, document[section]);
      if (free !== name) names.set(referenceTo(section, name), referenceTo(section, free));
    }
  const renamed = (section: Section): Tree =>
    Object.fromEntries(
      Object.entries(parts[section]).map(([name, value]) => {
        const reference = names.get(referenceTo(section, name));
        return [reference ? reference.slice(referenceTo(section, '').length) : name, withReferences(value, names)];
      }),
    );
  return {
    ...document,
    paths: { ...document.paths, ...(withReferences(parts.paths, names) as Tree) },
    definitions: { ...document.definitions, ...renamed('definitions') },
    parameters: { ...document.parameters, ...renamed('parameters') },
  };
}

/** The document without the paths that begin so. */
export function withoutPaths<T extends OpenApiParts>(document: T, prefix: string): T {
  const paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => !path.startsWith(prefix)));
  return { ...document, paths };
}

function freeName(name: string, value: unknown, taken: Tree): string {
  const isFree = (one: string) => !Object.hasOwn(taken, one) || isDeepStrictEqual(taken[one], value);
  let [free, count] = [name, 1];
  while (!isFree(free)) free = `${name}_v${++count}`;
  return free;
}

const referenceTo = (section: Section, name: string) => `#/${section}/${name}`;
const reference = /^#\/(definitions|parameters)\/(.+)$/;

function* referencesIn(value: unknown): Iterable<{ readonly section: Section; readonly name: string }> {
  if (Array.isArray(value)) for (const item of value) yield* referencesIn(item);
  if (!isTree(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const found = key === '$ref' && typeof inner === 'string' ? reference.exec(inner) : null;
    if (found) yield { section: found[1] as Section, name: found[2]! };
    else yield* referencesIn(inner);
  }
}

function withReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withReferences(item, names));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? (names.get(inner) ?? inner) : withReferences(inner, names),
    ]),
  );
}
