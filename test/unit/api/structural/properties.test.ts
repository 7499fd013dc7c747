import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thaw } from '../../../../src/api/object.ts';
import { applySchemaDefaults } from '../../../../src/api/structural/defaults.ts';
import { structuralFacts } from '../../../../src/api/structural/facts.ts';
import { prune } from '../../../../src/api/structural/prune.ts';
import { compileStructural } from '../../../../src/api/structural/structural.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { fieldNames as names, schemasOf } from './arbitrary-schema.ts';
import { complaints, updateComplaints } from './kit.ts';

const seed = { seed: 42, numRuns: 250 };
const schemas = schemasOf(2);

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, -1, 2.5, 1e300, '', 'a', '2024-01-01', 'v1'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
})).value;

const trees = fc.dictionary(names, values, { maxKeys: 4 }) as fc.Arbitrary<Record<string, unknown>>;

test('validation takes any value and any schema', () => {
  fc.assert(
    fc.property(schemas, values, values, (schema, value, old) => {
      const compiled = compileStructural(schema);
      complaints(compiled, value);
      updateComplaints(compiled, value, old);
      structuralFacts(compiled, 'a.b', 'v1', 'C');
    }),
    seed,
  );
});

test('pruning twice drops nothing more', () => {
  fc.assert(
    fc.property(schemas, trees, fc.boolean(), (schema, tree, root) => {
      const compiled = compileStructural(schema);
      prune(compiled, tree, { root, malformed: 'drop' });
      const once = thaw(tree);
      expect(prune(compiled, tree, { root, malformed: 'drop' })).toEqual([]);
      expect(tree).toEqual(once);
    }),
    seed,
  );
});

test('defaulting twice adds nothing more', () => {
  fc.assert(
    fc.property(schemas, trees, (schema, tree) => {
      const compiled = compileStructural(schema);
      applySchemaDefaults(compiled, tree);
      const once = thaw(tree);
      applySchemaDefaults(compiled, tree);
      expect(tree).toEqual(once);
    }),
    seed,
  );
});

/** Schemas whose defaults are valid, as those of accepted definitions are. */
const plainSchemas = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.constantFrom<JSONSchemaProps>(
    { type: 'integer', default: 5, maximum: 5 },
    { type: 'string', default: 'x', pattern: '^x*$' },
    { type: 'object', default: { a: 1 }, properties: { a: { type: 'integer', default: 2 } } },
    { type: 'array', default: ['x'], items: { type: 'string', nullable: true } },
    { type: 'boolean' },
    { 'x-kubernetes-int-or-string': true, default: '5%' },
  ),
);

test('what is valid stays valid when it is pruned and defaulted', () => {
  fc.assert(
    fc.property(plainSchemas, trees, (properties, tree) => {
      const compiled = compileStructural({ type: 'object', properties });
      fc.pre(complaints(compiled, tree).length === 0);
      prune(compiled, tree);
      applySchemaDefaults(compiled, tree);
      expect(complaints(compiled, tree)).toEqual([]);
    }),
    seed,
  );
});

test('an update that changes nothing that the schema knows is never refused for it', () => {
  fc.assert(
    fc.property(plainSchemas, trees, (properties, tree) => {
      const compiled = compileStructural({ type: 'object', properties });
      prune(compiled, tree);
      expect(updateComplaints(compiled, tree, thaw(tree))).toEqual([]);
    }),
    seed,
  );
});
