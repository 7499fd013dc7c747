import fc from 'fast-check';
import { conform } from '../../src/api/conform.ts';
import { type TypeFacts, typeFacts } from '../../src/api/facts.ts';
import type { KubeObject, Mutable } from '../../src/api/object.ts';

/** Values for named types ("core/v1.PodTemplateSpec") that would be too large or too wild by chance. */
export type Overrides = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const word = fc.constantFrom('a', 'b-1', 'example.com/c', 'Foo');
const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('web', 'db'), { maxKeys: 2 });
const port = fc.integer({ min: 1, max: 65_535 });

/** Objects are small at every level: what a conversion does shows in one element as in ten. */
const deepest = 9;

/**
 * Any schema of a definition, of the kinds people write: not all structural, and not all of one mind about the type.
 * Limited in depth, since a schema may hold schemas in a dozen places.
 */
export const arbitrarySchema: fc.Arbitrary<unknown> = fc.letrec((tie) => {
  const inner = fc.oneof(
    { maxDepth: 2, depthIdentifier: 'schema' },
    fc.constantFrom({}, { type: 'string' }, { required: ['x'] }, { minimum: 1 }),
    tie('schema'),
  );
  return {
    schema: fc.record(
      {
        type: fc.constantFrom('object', 'array', 'string', 'integer', 'boolean', 'int'),
        description: fc.constant('what it is'),
        format: fc.constantFrom('date-time', 'int32'),
        pattern: fc.constant('^a+$'),
        nullable: fc.boolean(),
        uniqueItems: fc.constant(true),
        required: fc.constantFrom([], ['x']),
        enum: fc.constant(['a', 'b']),
        properties: fc.dictionary(fc.constantFrom('x', 'y', 'kind', 'metadata'), inner, { maxKeys: 2 }),
        additionalProperties: fc.oneof(fc.boolean(), inner),
        items: inner,
        anyOf: fc.array(inner, { maxLength: 2 }),
        oneOf: fc.constantFrom([{ type: 'string' }, { type: 'integer' }], [{ required: ['x'] }, { required: ['y'] }]),
        not: inner,
        'x-kubernetes-int-or-string': fc.constant(true),
        'x-kubernetes-embedded-resource': fc.constant(true),
        'x-kubernetes-preserve-unknown-fields': fc.constant(true),
      },
      { requiredKeys: [] },
    ),
  };
}).schema;

const byName: Overrides = {
  'apiextensions/v1.JSONSchemaProps': arbitrarySchema,
  'apiextensions/v1beta1.JSONSchemaProps': arbitrarySchema,
  'meta/v1.ObjectMeta': fc.record(
    { name: fc.constantFrom('a', 'b'), labels, annotations: labels },
    { requiredKeys: ['name'] },
  ),
  'core/v1.PodTemplateSpec': fc.record({ metadata: fc.record({ labels }) }, { requiredKeys: [] }),
  'batch/v1.JobSpec': fc.record({ parallelism: port }, { requiredKeys: [] }),
};

const byShape: Readonly<Partial<Record<TypeFacts['shape'], fc.Arbitrary<unknown>>>> = {
  bool: fc.boolean(),
  int32: fc.integer({ min: 1, max: 100 }),
  int64: fc.integer({ min: 1, max: 100 }),
  float: fc.nat(100),
  bytes: fc.constant('YQ=='),
  time: fc.constantFrom('2020-01-01T00:00:00Z', '2021-02-03T04:05:06Z'),
  microTime: fc.constant('2020-01-01T00:00:00.000000Z'),
  duration: fc.constantFrom('1s', '2m0s'),
  quantity: fc.constantFrom('1', '500m', '1Gi'),
  intOrString: fc.oneof(port, fc.constantFrom('http', '25%')),
  object: fc.constantFrom({}, { a: 1 }),
  any: fc.constantFrom({ a: 1 }, 'text', 3, true),
};

function valuesOf(type: TypeFacts, overrides: Overrides, depth: number): fc.Arbitrary<unknown> {
  const named = overrides[type.name] ?? byName[type.name];
  if (named) return named;
  const simple = byShape[type.shape];
  if (simple) return simple;
  if (type.shape === 'string') return type.enum ? fc.constantFrom(...type.enum) : word;
  const next = () => valuesOf(type.element!, overrides, depth + 1);
  if (depth >= deepest) return fc.constant(type.shape === 'list' ? [] : {});
  if (type.shape === 'list') return fc.array(next(), { maxLength: 2 });
  if (type.shape === 'map') return fc.dictionary(fc.constantFrom('x', 'y'), next(), { maxKeys: 2 });
  if (type.shape === 'schemaOr') return next();
  const fields = [...type.fields.values()].filter((field) => field.name !== 'apiVersion' && field.name !== 'kind');
  const members = fields.map((field) => [field.name, valuesOf(field.type, overrides, depth + 1)] as const);
  return fc.record(Object.fromEntries(members), { requiredKeys: depth === 0 ? ['metadata'] : [] });
}

/** Any object of a kind, in canonical form. Its values have the right types; not all of them would be valid. */
export function arbitraryObject(type: TypeFacts, overrides: Overrides = {}): fc.Arbitrary<Mutable<KubeObject>> {
  return valuesOf(type, overrides, 0).map((tree) => conform(type, structuredClone(tree)).value as Mutable<KubeObject>);
}

/** A part of a kind, as an arbitrary for overrides. */
export const arbitraryPart = (name: string, overrides: Overrides = {}): fc.Arbitrary<unknown> =>
  valuesOf(typeFacts(name), overrides, 1);
