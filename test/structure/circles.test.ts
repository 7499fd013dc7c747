import { expect, test } from 'vitest';
import { importsOf, sourcesBelow } from './sources.ts';

/** Files that import each other can only be understood together: what they share has a file of its own. */
const imports = new Map(sourcesBelow('src').map((source) => [source.path, importsOf(source).map(({ to }) => to)]));

/** The ways from file to file that lead back to where they began, one for each file that closes a circle. */
function circles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string) => {
    const since = way.indexOf(path);
    if (since >= 0) found.push([...way.slice(since), path].join(' -> '));
    if (since >= 0 || done.has(path)) return;
    way.push(path);
    for (const to of imports.get(path) ?? []) visit(to);
    way.pop();
    done.add(path);
  };
  for (const path of imports.keys()) visit(path);
  return found;
}

test('sources are read', () => {
  expect([...imports.values()].flat().length).toBeGreaterThan(1000);
});

test('no import leads back to where it began, types included', () => {
  expect(circles()).toEqual([]);
});
