import { expect, test } from 'vitest';
import { sourcesBelow } from './sources.ts';

/**
 * Time and chance are injected: what only `src/base` may call. A test can stop the clock, and a user can turn it,
 * only while nobody reads another one.
 */
const forbidden =
  /\b(Date\.now\(|performance\.now\(|new Date\(\)|setTimeout\(|setInterval\(|Math\.random\(|randomUUID\()/;

const sources = sourcesBelow('src').filter((s) => !s.path.startsWith('src/base/'));

test('sources are read', () => {
  expect(sources.length).toBeGreaterThan(5);
});

test('nothing outside src/base reads the clock or throws dice', () => {
  const found = sources.flatMap((source) =>
    source.text
      .split('\n')
      .map((line, i) => ({ line: line.trim(), at: `${source.path}:${i + 1}` }))
      .filter(({ line }) => !/^(\*|\/\/|\/\*)/.test(line) && forbidden.test(line))
      .map(({ at, line }) => `${at} ${line}`),
  );
  expect(found).toEqual([]);
});
