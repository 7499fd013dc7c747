import { expect, test } from 'vitest';
import { parseReference } from '../../../../src/runtimes/docker/images.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['web', { registry: 'docker.io', name: 'web', tag: 'latest' }],
  ['krill-test/web:1', { registry: 'docker.io', name: 'krill-test/web', tag: '1' }],
  ['localhost:5000/a/b:v2', { registry: 'localhost:5000', name: 'localhost:5000/a/b', tag: 'v2' }],
  ['registry.test/a', { registry: 'registry.test', name: 'registry.test/a', tag: 'latest' }],
  [`web:1@${digest}`, { registry: 'docker.io', name: 'web', tag: digest }],
])('%s', (text, expected) => {
  expect(parseReference(text)).toEqual(expected);
});

test.each(['', 'Web', 'a b', 'web:', 'web@sha256:12', '-web', 'a//b', 'web:1:2', `x${'a'.repeat(5000)}`])(
  '%j is no image reference',
  (text) => {
    expect(parseReference(text)).toBeUndefined();
  },
);
