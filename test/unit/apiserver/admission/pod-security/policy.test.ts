import { expect, test } from 'vitest';
import {
  freePolicy,
  isFree,
  isStricter,
  type LevelVersion,
  latest,
  levelText,
  policyOf,
} from '../../../../../src/apiserver/admission/pod-security/policy.ts';

const p = 'pod-security.kubernetes.io/';
const texts = (labels: Record<string, string> | undefined, defaults = freePolicy) => {
  const { policy, errors } = policyOf(labels, defaults);
  return [
    levelText(policy.enforce),
    levelText(policy.audit),
    levelText(policy.warn),
    errors.errors.map(({ text }) => text),
  ];
};

test.each<[string, Record<string, string> | undefined, string, string, string]>([
  ['no labels', undefined, 'privileged:latest', 'privileged:latest', 'privileged:latest'],
  [
    'other labels',
    { 'kubernetes.io/metadata.name': 'x' },
    'privileged:latest',
    'privileged:latest',
    'privileged:latest',
  ],
  ['one mode', { [`${p}enforce`]: 'baseline' }, 'baseline:latest', 'privileged:latest', 'privileged:latest'],
  [
    'every mode, with versions',
    {
      [`${p}enforce`]: 'baseline',
      [`${p}enforce-version`]: 'v1.0',
      [`${p}audit`]: 'restricted',
      [`${p}audit-version`]: 'v1.22',
      [`${p}warn`]: 'restricted',
      [`${p}warn-version`]: 'latest',
    },
    'baseline:v1.0',
    'restricted:v1.22',
    'restricted:latest',
  ],
  [
    'a version that is to come',
    { [`${p}warn-version`]: 'v1.1000' },
    'privileged:latest',
    'privileged:latest',
    'privileged:v1.1000',
  ],
])('policy of %s', (_, labels, enforce, audit, warn) => {
  expect(texts(labels)).toEqual([enforce, audit, warn, []]);
});

test('what cannot be read is enforced strictly and otherwise let pass, and told of', () => {
  const level = (label: string) =>
    `metadata.labels[${p}${label}]: Invalid value: "Baseline": must be one of privileged, baseline, restricted`;
  const version = (label: string, value: string) =>
    `metadata.labels[${p}${label}-version]: Invalid value: "${value}": must be "latest" or "v1.x"`;
  expect(
    texts({
      [`${p}enforce`]: 'Baseline',
      [`${p}enforce-version`]: '1.20',
      [`${p}audit`]: 'Baseline',
      [`${p}audit-version`]: 'v1.01',
      [`${p}warn`]: 'Baseline',
      [`${p}warn-version`]: 'v2.0',
    }),
  ).toEqual([
    'restricted:latest',
    'privileged:latest',
    'privileged:latest',
    [
      level('enforce'),
      version('enforce', '1.20'),
      level('audit'),
      version('audit', 'v1.01'),
      level('warn'),
      version('warn', 'v2.0'),
    ],
  ]);
  expect(texts({ [`${p}enforce-version`]: 'v1.99999999999999999999' })[3]).toHaveLength(1);
});

test('defaults hold where labels say nothing', () => {
  const strict: LevelVersion = { level: 'restricted', version: 24 };
  const defaults = { ...freePolicy, enforce: strict };
  expect(policyOf({}, defaults).policy).toEqual(defaults);
  expect(texts({ [`${p}enforce-version`]: 'latest', [`${p}warn`]: 'baseline' }, defaults).slice(0, 3)).toEqual([
    'restricted:latest',
    'privileged:latest',
    'baseline:latest',
  ]);
});

test('levels are ordered, and free is what asks for nothing in any mode', () => {
  expect(isStricter('restricted', 'baseline')).toBe(true);
  expect(isStricter('baseline', 'baseline')).toBe(false);
  expect(isStricter('privileged', 'baseline')).toBe(false);
  expect(isFree(freePolicy)).toBe(true);
  expect(isFree({ ...freePolicy, audit: { level: 'baseline', version: latest } })).toBe(false);
});
