import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DecodeTarget, decodeBody } from '../../../src/api/decode.ts';
import { applyFactDefaults } from '../../../src/api/defaults.ts';
import { kindFacts, type TypeFacts } from '../../../src/api/facts.ts';
import { ErrorList } from '../../../src/api/field-errors.ts';
import { deepFreeze, type KubeObject, type Mutable, parseApiVersion, thaw } from '../../../src/api/object.ts';
import { StatusError } from '../../../src/api/status.ts';
import { resources } from '../../../src/resources/index.ts';
import type { Resource, UpdateRules, VersionConversion } from '../../../src/resources/resource.ts';
import { randomObject, Tape } from '../../kit/random-object.ts';
import { context } from './rules-kit.ts';

/** What holds for the rules of every kind, whatever they are given: 15,000 objects, the same ones each time. */

const runs = 100;
const maxBytes = 500;
const tapes = fc.uint8Array({ maxLength: maxBytes, size: 'max' });

interface Kind {
  readonly rules: Resource;
  readonly type: TypeFacts;
}

const kinds: readonly (readonly [string, Kind])[] = resources.flatMap((rules) => {
  const type = kindFacts(rules.group, rules.version, rules.kind);
  return type ? [[`${rules.resource}.${rules.group}`, { rules, type }] as const] : [];
});

/** A served version that is not the stored one. */
interface Version {
  readonly kind: Kind;
  readonly group: string;
  readonly version: string;
  readonly type: TypeFacts;
  readonly conversion: VersionConversion;
}

const versions: readonly (readonly [string, Version])[] = kinds.flatMap(([, kind]) =>
  Object.entries(kind.rules.versions ?? {}).flatMap(([apiVersion, conversion]) => {
    const { group, version } = parseApiVersion(apiVersion)!;
    const type = kindFacts(group, version, kind.rules.kind);
    return type ? [[`${apiVersion} ${kind.rules.kind}`, { kind, group, version, type, conversion }] as const] : [];
  }),
);

/** Decodes as the server does; undefined for what it refuses to read. */
function read({ rules, type }: Kind, tree: unknown): Mutable<KubeObject> | undefined {
  return readAs({ ...rules, type }, tree);
}

function readAs(
  { group, version, kind, type }: Pick<DecodeTarget, 'group' | 'version' | 'kind' | 'type'>,
  tree: unknown,
): Mutable<KubeObject> | undefined {
  try {
    return decodeBody(Buffer.from(JSON.stringify(tree)), 'json', { group, version, kind, type }).object;
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 400) return undefined;
    throw error;
  }
}

function setDefaults({ rules, type }: Kind, object: Mutable<KubeObject>): void {
  applyFactDefaults(type, object);
  rules.defaults?.(object);
}

/** Fails with a readable difference; comparing is fast when there is none. */
function expectSame(value: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(value, wanted)) expect(value).toEqual(wanted);
}

function show(rules: Resource, object: KubeObject): void {
  for (const column of rules.columns) column.value(object, context.now);
  for (const select of Object.values(rules.selectableFields ?? {})) select(object);
  for (const index of Object.values(rules.indexes ?? {})) index(object);
}

/** A create of a new object; what is stored then is frozen. */
function create(kind: Kind, object: Mutable<KubeObject>): KubeObject {
  const { rules } = kind;
  const errors = new ErrorList();
  // The server counts generations itself, whatever the writer says.
  if (object.metadata) delete object.metadata.generation;
  rules.prepareCreate?.(object, context);
  rules.validate?.(object, errors);
  rules.validateCreate?.(object, errors);
  rules.warnings?.(object, undefined);
  show(rules, object);
  return deepFreeze(object) as KubeObject;
}

/** An update of a frozen object; writing to it would throw. */
function update(kind: Kind, object: Mutable<KubeObject>, old: KubeObject): void {
  const { rules } = kind;
  const errors = new ErrorList();
  rules.prepareUpdate?.(object, old, context);
  deepFreeze(object);
  rules.validate?.(object, errors, old);
  rules.validateUpdate?.(object, old, errors);
  rules.warnings?.(object, old);
}

function updateSubresource(rules: UpdateRules, object: Mutable<KubeObject>, old: KubeObject, subresource: string) {
  rules.prepareUpdate?.(object, old, { ...context, subresource });
  rules.validateUpdate?.(deepFreeze(object), old, new ErrorList(), { ...context, subresource });
}

const subresources = (rules: Resource): [string, UpdateRules][] => [
  ...(rules.status ? [['status', rules.status] as [string, UpdateRules]] : []),
  ...Object.entries(rules.subresources ?? {}),
];

test.each(kinds)('%s: whatever comes is read, defaulted, checked and shown', (_, kind) => {
  fc.assert(
    fc.property(tapes, tapes, (first, second) => {
      const object = read(kind, randomObject(kind.type, new Tape(first)));
      if (!object) return;
      setDefaults(kind, object);
      const before = thaw(object);
      setDefaults(kind, object);
      expectSame(object, before);
      expectSame(read(kind, object), before);
      const old = create(kind, object);
      const other = read(kind, randomObject(kind.type, new Tape(second)));
      if (!other) return;
      setDefaults(kind, other);
      update(kind, thaw(other), old);
      for (const [name, rules] of subresources(kind.rules)) updateSubresource(rules, thaw(other), old, name);
    }),
    { seed: 20_260_101, numRuns: runs },
  );
});

test.each(versions)('%s: whatever comes becomes what is stored, and is shown as it came', (_, served) => {
  const { kind, conversion } = served;
  const target = { ...served, kind: kind.rules.kind };
  fc.assert(
    fc.property(tapes, (tape) => {
      const object = readAs(target, randomObject(served.type, new Tape(tape)));
      if (!object) return;
      conversion.toStorage(object);
      setDefaults(kind, object);
      const errors = new ErrorList();
      conversion.checks?.validate?.(object, errors);
      conversion.checks?.validateCreate?.(object, errors);
      const shown = thaw(create(kind, object)) as Mutable<KubeObject>;
      conversion.fromStorage(shown);
      expect(readAs(target, shown)).toBeDefined();
    }),
    { seed: 20_260_101, numRuns: runs },
  );
});

test('most objects are read: the test above looks at something', () => {
  let count = 0;
  for (const [, kind] of kinds) {
    const samples = fc.sample(tapes, { seed: 1, numRuns: 20 });
    count += samples.filter((tape) => read(kind, randomObject(kind.type, new Tape(tape)))).length;
  }
  expect(count / (kinds.length * 20)).toBeGreaterThan(0.8);
});
