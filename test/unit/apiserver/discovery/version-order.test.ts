import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from '../../../../src/apiserver/discovery/version-order.ts';

test('stable versions come first, then beta, alpha, and names of another form', () => {
  const ordered = [
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
    'v0',
  ];
  expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
});

test('the order is total: no two versions are equal but themselves, and it has no circles', () => {
  const version = fc.stringMatching(/^(v[1-3]((alpha|beta)[12])?|[a-c][1-3])$/);
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      if (compareVersions(a, b) === 0) expect(a).toBe(b);
      if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) expect(compareVersions(a, c)).toBeLessThan(0);
    }),
    { seed: 1 },
  );
});
