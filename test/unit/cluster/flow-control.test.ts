import { expect, test } from 'vitest';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../src/api/types/flowcontrol-v1.gen.ts';
import { flowChanges } from '../../../src/cluster/bootstrap/flow-control.ts';
import {
  autoUpdateAnnotation,
  bootstrapLevels,
  bootstrapSchemas,
  mandatoryLevels,
  mandatorySchemas,
} from '../../../src/resources/flowcontrol/bootstrap.ts';

const named = (name: string) => bootstrapSchemas.find(({ metadata }) => metadata.name === name)!;

/** What is stored when one object differs from what is shipped. */
const storedWith = (changed: FlowSchema) =>
  bootstrapSchemas.map((shipped) => (shipped.metadata.name === changed.metadata.name ? changed : shipped));

const edited = (name: string, annotation: string | undefined, generation: number, precedence = 7): FlowSchema => {
  const { spec } = named(name);
  return {
    metadata: {
      name,
      generation,
      annotations: { mine: 'too', ...(annotation !== undefined && { [autoUpdateAnnotation]: annotation }) },
    },
    spec: { ...spec!, matchingPrecedence: precedence },
  };
};

const outcome = (stored: readonly FlowSchema[]) =>
  flowChanges(stored, bootstrapSchemas, mandatorySchemas).map(({ verb, object }) => ({
    verb,
    name: object.metadata.name,
    annotations: object.metadata.annotations,
    precedence: (object as FlowSchema).spec?.matchingPrecedence,
  }));

test('what is missing is made, suggested or not, and what is right is left alone', () => {
  expect(outcome(bootstrapSchemas)).toEqual([]);
  const without = bootstrapSchemas.filter(({ metadata }) => metadata.name !== 'probes' && metadata.name !== 'exempt');
  expect(outcome(without).map(({ verb, name }) => `${verb} ${name}`)).toEqual(['create exempt', 'create probes']);
});

test.each<[string, string, string | undefined, number, Record<string, string> | undefined, number | undefined]>([
  ['says that it follows the server', 'service-accounts', 'true', 5, { [autoUpdateAnnotation]: 'true' }, 9000],
  ['says so in another way', 'service-accounts', 'T', 5, { [autoUpdateAnnotation]: 'true' }, 9000],
  ['says that it is its users', 'service-accounts', 'false', 1, undefined, undefined],
  ['says nothing and was never changed', 'service-accounts', undefined, 1, { [autoUpdateAnnotation]: 'true' }, 9000],
  ['says nothing and was changed', 'service-accounts', undefined, 2, { [autoUpdateAnnotation]: 'false' }, 7],
  [
    'says what nobody can read, and was changed',
    'service-accounts',
    'maybe',
    2,
    { [autoUpdateAnnotation]: 'false' },
    7,
  ],
  ['is mandatory, whatever it says', 'catch-all', 'false', 9, { [autoUpdateAnnotation]: 'true' }, 10_000],
])('a flow schema whose spec differs and that %s', (_, name, annotation, generation, annotations, precedence) => {
  expect(outcome(storedWith(edited(name, annotation, generation)))).toEqual(
    annotations ? [{ verb: 'update', name, annotations: { mine: 'too', ...annotations }, precedence }] : [],
  );
});

test('one that was shipped once goes, unless it is its users', () => {
  const former = (name: string, annotations?: Record<string, string>): FlowSchema => ({
    metadata: { name, ...(annotations && { annotations }) },
  });
  const stored = [
    ...bootstrapSchemas,
    former('old', { [autoUpdateAnnotation]: 'true' }),
    former('kept', { [autoUpdateAnnotation]: 'false' }),
    former('mine'),
  ];
  expect(outcome(stored).map(({ verb, name }) => `${verb} ${name}`)).toEqual(['delete old']);
});

test('the shares of the exempt level are its users, those of the catch-all are not', () => {
  const levels = (name: string, spec: PriorityLevelConfiguration['spec']) =>
    bootstrapLevels.map((level) => (level.metadata.name === name ? { ...level, spec: spec! } : level));
  const writes = (stored: PriorityLevelConfiguration[]) =>
    flowChanges(stored, bootstrapLevels, mandatoryLevels).map(({ verb, object }) => `${verb} ${object.metadata.name}`);
  expect(
    writes(levels('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 9, lendablePercent: 50 } })),
  ).toEqual([]);
  const { limited } = mandatoryLevels['catch-all']!;
  expect(
    writes(levels('catch-all', { type: 'Limited', limited: { ...limited!, nominalConcurrencyShares: 9 } })),
  ).toEqual(['update catch-all']);
});
