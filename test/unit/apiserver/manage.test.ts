import { expect, test } from 'vitest';
import type { KubeObject, ManagedFieldsEntry, Mutable } from '../../../src/api/object.ts';
import { keepSoundEntries } from '../../../src/apiserver/registry/manage.ts';
import type { Operation } from '../../../src/apiserver/registry/operation.ts';

const sound: ManagedFieldsEntry[] = [
  { manager: 'a', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } },
];

/** The entries and warnings after an admission plugin has made `entries` of sound ones. */
function admitted(entries: unknown): { entries: unknown; warnings: string[] } {
  const warnings: string[] = [];
  const op = { warn: (text: string) => void warnings.push(text) } as unknown as Operation;
  const object = { metadata: { managedFields: entries } } as unknown as Mutable<KubeObject>;
  keepSoundEntries(op, object, sound);
  return { entries: object.metadata.managedFields, warnings };
}

test('entries that admission changed stay while they make sense', () => {
  const changed = [{ ...sound[0], fieldsV1: {} }];
  expect(admitted(changed)).toEqual({ entries: changed, warnings: [] });
  expect(admitted(undefined)).toEqual({ entries: undefined, warnings: [] });
});

test.each([
  [{ operation: 'Nope' }, 'operation must be `Apply` or `Update`'],
  [{ apiVersion: '' }, 'apiVersion must not be empty'],
  [{ fieldsType: '' }, 'missing fieldsType in managed fields entry 0'],
  [{ fieldsType: 'FieldsV2' }, 'invalid fieldsType "FieldsV2" in managed fields entry 0'],
  [{ fieldsV1: { nocolon: {} } }, 'error decoding set: missing colon: nocolon'],
])('entries with %j are put back, with a warning', (change, why) => {
  expect(admitted([{ ...sound[0], ...change }])).toEqual({
    entries: sound,
    warnings: [
      `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${why}`,
    ],
  });
});
