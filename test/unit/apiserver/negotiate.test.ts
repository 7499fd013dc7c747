import { expect, test } from 'vitest';
import { negotiate } from '../../../src/apiserver/encoding/negotiate.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test.each([
  [undefined, 'json'],
  ['*/*', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf,application/json', 'json'],
  ['application/yaml;q=0.5,application/json;q=0.9', 'json'],
  [`${table},application/json`, 'json Table'],
  ['application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', 'json'],
  ['application/yaml;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', 'yaml PartialObjectMetadataList'],
])('%s', (accept, expected) => {
  const { media, as } = negotiate(accept);
  expect(as ? `${media} ${as}` : media).toBe(expected);
});

test.each([
  'text/html',
  'application/vnd.kubernetes.protobuf',
  'application/json;q=0',
  `${table.replace('Table', 'Chair')}`,
])('%s is not served', (accept) => {
  expect(() => negotiate(accept)).toThrow('only the following media types are accepted');
});
