import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConformError, conform } from '../../../../src/api/conform.ts';
import { typeFacts } from '../../../../src/api/facts.ts';
import { type KubeObject, type Mutable, thaw } from '../../../../src/api/object.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { schemasOf } from '../../api/structural/arbitrary-schema.ts';
import { create, definition, update } from './kit.ts';

const type = typeFacts('apiextensions/v1.CustomResourceDefinition');
const conformed = (object: object) => conform(type, object).value as Mutable<KubeObject>;

const rules = fc.array(
  fc.record(
    {
      rule: fc.constantFrom('true', 'self == oldSelf', 'has(self.a)', 'self > 0', 'nonsense(', ' '),
      message: fc.constantFrom('no', ' ', 'a\nb'),
      messageExpression: fc.constantFrom("'x'", 'self', ' '),
      fieldPath: fc.constantFrom('.a', '.x', "['a']", ' '),
      optionalOldSelf: fc.boolean(),
    },
    { requiredKeys: ['rule'] },
  ),
  { maxLength: 2 },
);

/** Schemas that are mostly broken, and ones that are mostly not. */
const schemas = fc.oneof(
  fc
    .tuple(schemasOf(2), rules)
    .map(([schema, list]) => ({ ...schema, type: 'object', 'x-kubernetes-validations': list })),
  fc
    .dictionary(
      fc.constantFrom('a', 'b', 'spec', 'status'),
      fc.constantFrom<JSONSchemaProps>(
        { type: 'string', default: 'x' },
        { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] },
        { type: 'array', maxItems: 3, items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        { 'x-kubernetes-int-or-string': true },
        { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      ),
    )
    .map((properties) => ({ type: 'object', properties })),
);

const versions = fc.array(
  fc.record(
    {
      name: fc.constantFrom('v1', 'v2', 'v1'),
      served: fc.boolean(),
      storage: fc.boolean(),
      schema: schemas.map((openAPIV3Schema) => ({ openAPIV3Schema })),
      subresources: fc.constantFrom(
        { status: {} },
        { scale: { specReplicasPath: '.spec.n', statusReplicasPath: 'x' } },
      ),
      selectableFields: fc.constantFrom([{ jsonPath: '.a' }], [{ jsonPath: '' }]),
    },
    { requiredKeys: ['name', 'served', 'storage', 'schema'] },
  ),
  { minLength: 1, maxLength: 2 },
);

const seed = { seed: 42, numRuns: 150 };

test('any definition is judged', () => {
  fc.assert(
    fc.property(versions, versions, (list, other) => {
      create(conformed(definition({}, { versions: list })));
      update(conformed(definition({}, { versions: list })), (object) => {
        (object['spec'] as Record<string, unknown>)['versions'] = thaw(other);
      });
    }),
    seed,
  );
});

test('an accepted definition is accepted again as it is', () => {
  let accepted = 0;
  fc.assert(
    fc.property(schemas, (openAPIV3Schema) => {
      const fresh = () => conformed(definition({ schema: { openAPIV3Schema: thaw(openAPIV3Schema) } }));
      if (create(fresh()).errors.length > 0) return;
      accepted++;
      expect(update(fresh(), () => {}).errors).toEqual([]);
    }),
    seed,
  );
  expect(accepted).toBeGreaterThan(20);
});

test('anything for a spec is refused or judged, never more', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('group', 'names', 'scope', 'versions', 'conversion'),
        fc.jsonValue({ maxDepth: 3 }),
      ),
      (spec) => {
        try {
          create(conformed({ metadata: { name: 'a.b' }, spec }));
        } catch (error) {
          if (!(error instanceof ConformError)) throw error;
        }
      },
    ),
    seed,
  );
});
