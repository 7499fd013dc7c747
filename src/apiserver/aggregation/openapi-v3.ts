import type { OpenApiParts } from './openapi-parts.ts';

/**
 * Makes an OpenAPI v3 document of a v2 one, for servers that have no other. What v2 cannot say is missing. Source: kube-openapi
 * `openapiconv`.
 */

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const treeOf = (value: unknown): Tree => (isTree(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Where nothing is said of media types. */
const anyMedia = ['application/json'];
const methods: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

/** Of the same name and meaning in both. */
const common = ['tags', 'summary', 'description', 'externalDocs', 'operationId', 'deprecated'];
const ofParameters = ['name', 'in', 'description', 'required', 'allowEmptyValue'];

const isExtension = (key: string) => key.startsWith('x-');

function pick(from: Tree, keys: readonly string[]): Tree {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key) || isExtension(key)));
}

/** The v3 document of the parts of a v2 one. */
export function v3Of(parts: OpenApiParts, info: object): object {
  const paths = Object.entries(parts.paths).map(([path, item]) => [path, pathItem(treeOf(item), parts.parameters)]);
  const schemas = Object.entries(parts.definitions).map(([name, schema]) => [name, withReferences(schema)]);
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function pathItem(item: Tree, known: Tree): Tree {
  const operations = Object.entries(item)
    .filter(([key]) => methods.has(key))
    .map(([key, value]) => [key, operation(treeOf(value), known)]);
  const shared = parametersOf(item, known).filter(isNoBody).map(parameter);
  return {
    ...pick(item, []),
    ...Object.fromEntries(operations),
    ...(shared.length > 0 && { parameters: shared }),
  };
}

function operation(from: Tree, known: Tree): Tree {
  const all = parametersOf(from, known);
  const body = all.find((one) => !isNoBody(one));
  const others = all.filter(isNoBody).map(parameter);
  const responses = Object.entries(treeOf(from['responses'])).map(([code, answer]) => [
    code,
    response(treeOf(answer), mediaTypes(from['produces'])),
  ]);
  return {
    ...pick(from, common),
    ...(others.length > 0 && { parameters: others }),
    ...(body && { requestBody: requestBody(body, mediaTypes(from['consumes'])) }),
    responses: Object.fromEntries(responses),
  };
}

const mediaTypes = (value: unknown): readonly string[] => {
  const said = listOf(value).filter((one): one is string => typeof one === 'string');
  return said.length > 0 ? said : anyMedia;
};

/** Parameters in full: v3 has them elsewhere. */
const parametersOf = ({ parameters }: Tree, known: Tree): Tree[] =>
  listOf(parameters)
    .map(treeOf)
    .map(({ $ref, ...own }) => (typeof $ref === 'string' ? treeOf(known[$ref.slice('#/parameters/'.length)]) : own));

const isNoBody = (from: Tree): boolean => from['in'] !== 'body';

/** What v2 says of a parameter's values beside the parameter is their schema. */
function parameter(from: Tree): Tree {
  const values = Object.entries(from).filter(([key]) => !ofParameters.includes(key) && !isExtension(key));
  return { ...pick(from, ofParameters), schema: withReferences(Object.fromEntries(values)) };
}

const requestBody = (from: Tree, types: readonly string[]): Tree => ({
  ...pick(from, ['description', 'required']),
  content: content(from['schema'], types),
});

const response = (from: Tree, types: readonly string[]): Tree => ({
  description: '',
  ...pick(from, ['description']),
  ...(from['schema'] !== undefined && { content: content(from['schema'], types) }),
});

const content = (schema: unknown, types: readonly string[]): Tree =>
  Object.fromEntries(types.map((type) => [type, { schema: withReferences(schema) }]));

function withReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReferences);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace('#/definitions/', '#/components/schemas/')
        : withReferences(inner),
    ]),
  );
}
