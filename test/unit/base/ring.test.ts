import { expect, test } from 'vitest';
import { append, close, type Link, unlink } from '../../../src/base/ring.ts';

interface Named extends Link<Named> {
  readonly name: string;
}

const link = (name: string) => ({ name }) as Named;

function names(head: Named): string[] {
  const found: string[] = [];
  for (let at = head.next; at !== head; at = at.next) found.push(at.name);
  return found;
}

test('links keep the order in which they came, whichever are taken out', () => {
  const head = close(link('head'));
  const [a, b, c] = ['a', 'b', 'c'].map(link) as [Named, Named, Named];
  for (const one of [a, b, c]) append(head, one);
  expect(names(head)).toEqual(['a', 'b', 'c']);
  unlink(b);
  expect(names(head)).toEqual(['a', 'c']);
  append(head, b);
  unlink(a);
  expect(names(head)).toEqual(['c', 'b']);
  expect(head.previous.name).toBe('b');
});

test('what is taken out leads nowhere, and may be taken out again', () => {
  const head = close(link('head'));
  const [a, b] = ['a', 'b'].map(link) as [Named, Named];
  append(head, a);
  append(head, b);
  unlink(a);
  unlink(a);
  expect([a.next, a.previous]).toEqual([a, a]);
  expect(names(head)).toEqual(['b']);
  unlink(b);
  expect(head.next).toBe(head);
});
