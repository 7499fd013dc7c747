import { expect, test } from 'vitest';
import type { CustomResourceDefinition } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { judgeNames, NameBook } from '../../../../src/apiserver/crd/names.ts';
import { type DefinitionSketch, definition } from '../../../kit/custom-resources.ts';

const crd = (sketch: DefinitionSketch, accepted?: object) =>
  ({
    ...definition(sketch),
    ...(accepted && { status: { acceptedNames: accepted } }),
  }) as unknown as CustomResourceDefinition;
const group = 'stable.example.com';

/** A book in which another definition has these names. */
function bookWith(names: object): NameBook {
  const book = new NameBook();
  book.set('others.stable.example.com', group, names);
  return book;
}

test.each([
  [{ plural: 'crontabs' }, 'PluralConflict', '"crontabs" is already in use'],
  [{ singular: 'crontab' }, 'SingularConflict', '"crontab" is already in use'],
  [{ shortNames: ['crontab'] }, 'SingularConflict', '"crontab" is already in use'],
  [{ kind: 'CronTab' }, 'KindConflict', '"CronTab" is already in use'],
  [{ listKind: 'CronTab' }, 'KindConflict', '"CronTab" is already in use'],
  [{ kind: 'CronTabList' }, 'ListKindConflict', '"CronTabList" is already in use'],
  [{ singular: 'ct', plural: 'cts' }, 'ShortNamesConflict', '["ct" is already in use, "cts" is already in use]'],
])('names in use elsewhere: %j is a %s', (taken, reason, message) => {
  const { condition } = judgeNames(crd({ names: { shortNames: ['ct', 'cts'] } }), bookWith(taken));
  expect(condition).toEqual({ type: 'NamesAccepted', status: 'False', reason, message });
});

test('names that are free are given, those in use stay as they were', () => {
  const own = { plural: 'crontabs', singular: 'old', kind: 'CronTab', listKind: 'CronTabList' };
  const asking = crd({ names: { singular: 'new', categories: ['all'] } }, own);
  const { accepted, condition } = judgeNames(asking, bookWith({ singular: 'new' }));
  expect(condition.reason).toBe('SingularConflict');
  expect(accepted).toEqual({ ...own, categories: ['all'] });
});

test('a definition keeps what it has although another has come to it too', () => {
  const own = { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTabList' };
  expect(judgeNames(crd({}, own), bookWith(own)).condition.status).toBe('True');
});

test('kinds and resources are different stocks, and so are groups', () => {
  expect(judgeNames(crd({}), bookWith({ kind: 'crontabs', plural: 'CronTab' })).condition.status).toBe('True');
  const book = new NameBook();
  book.set('crontabs.other.example.com', 'other.example.com', { plural: 'crontabs', kind: 'CronTab' });
  expect(judgeNames(crd({}), book).condition.status).toBe('True');
});

test('names are free again when their definition has others or is gone', () => {
  const book = bookWith({ plural: 'crontabs' });
  const isTaken = (name: string) => book.isTaken('crontabs.stable.example.com', group, 'resource', name);
  book.set('others.stable.example.com', group, { plural: 'others' });
  expect([isTaken('crontabs'), isTaken('others')]).toEqual([false, true]);
  book.remove('others.stable.example.com');
  expect(isTaken('others')).toBe(false);
});
