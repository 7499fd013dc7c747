import { expect, it } from 'vitest';
import type { StorageClass } from '../../../../src/api/types/storage-v1.gen.ts';
import { defaultClass, namesClass } from '../../../../src/resources/storage/default-class.ts';

const key = 'storageclass.kubernetes.io/is-default-class';

const storageClass = (name: string, second: number, annotations: Record<string, string> = { [key]: 'true' }) =>
  ({
    metadata: { name, annotations, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
    provisioner: 'p',
  }) as StorageClass;

it.each<[string, StorageClass[], string | undefined]>([
  ['none is marked', [storageClass('a', 1, {}), storageClass('b', 1, { [key]: 'false' })], undefined],
  [
    'one is marked by the old annotation',
    [storageClass('a', 1, { 'storageclass.beta.kubernetes.io/is-default-class': 'true' })],
    'a',
  ],
  ['several are: the newest', [storageClass('a', 1), storageClass('b', 3), storageClass('c', 2)], 'b'],
  ['several are of one second: the first by name', [storageClass('b', 1), storageClass('a', 1)], 'a'],
])('the default class when %s', (_, classes, name) => {
  expect(defaultClass(classes)?.metadata?.name).toBe(name);
});

it('the empty name is a choice, too, and so is the old annotation', () => {
  const claim = (spec: object, annotations = {}) => ({ metadata: { annotations }, spec });
  expect(namesClass(claim({}))).toBe(false);
  expect(namesClass(claim({ storageClassName: '' }))).toBe(true);
  expect(namesClass(claim({}, { 'volume.beta.kubernetes.io/storage-class': 'x' }))).toBe(true);
});
