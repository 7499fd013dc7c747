import fc from 'fast-check';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';

/** Names that fields of random schemas and values share, some of them of Object. */
export const fieldNames = fc.constantFrom('a', 'b', 'c', 'metadata', 'kind', 'apiVersion', 'constructor', 'toString');

/** Any schema that a CustomResourceDefinition might hold, and some that it might not, to a depth. */
export function schemasOf(depth: number): fc.Arbitrary<JSONSchemaProps> {
  const flat = {
    type: fc.constantFrom('object', 'array', 'string', 'integer', 'number', 'boolean', 'odd'),
    nullable: fc.boolean(),
    required: fc.array(fieldNames, { maxLength: 2 }),
    enum: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
    pattern: fc.constantFrom('^a*$', '(', 'x|y'),
    format: fc.constantFrom('date', 'int32', 'uri', 'odd', 'duration', 'k8s-long-name'),
    maximum: fc.integer({ min: -5, max: 5 }),
    multipleOf: fc.constantFrom(0, 0.1, 2, -1),
    maxLength: fc.integer({ min: 0, max: 3 }),
    default: fc.jsonValue({ maxDepth: 2 }),
    'x-kubernetes-preserve-unknown-fields': fc.constant(true as const),
    'x-kubernetes-embedded-resource': fc.constant(true as const),
    'x-kubernetes-int-or-string': fc.constant(true as const),
    'x-kubernetes-list-type': fc.constantFrom('set', 'map', 'atomic'),
    'x-kubernetes-list-map-keys': fc.array(fieldNames, { maxLength: 2 }),
  };
  if (depth === 0) return fc.record(flat, { requiredKeys: [] });
  const inner = schemasOf(depth - 1);
  const nested = {
    properties: fc.dictionary(fieldNames, inner, { maxKeys: 3 }),
    additionalProperties: fc.oneof(fc.boolean(), inner),
    items: inner,
    anyOf: fc.array(inner, { maxLength: 2 }),
    oneOf: fc.array(inner, { maxLength: 2 }),
    not: inner,
  };
  return fc.record({ ...flat, ...nested }, { requiredKeys: [] });
}
