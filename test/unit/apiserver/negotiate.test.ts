import { expect, test } from 'vitest';
import {
  builtIn,
  customResource,
  negotiate,
  negotiateFailure,
  type Place,
} from '../../../src/apiserver/encoding/negotiate.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const as = (type: string, kind: string, version = 'v1') => `${type};as=${kind};v=${version};g=meta.k8s.io`;
const table = as('application/json', 'Table');

const shown = (accept: string | undefined, place: Place) => {
  const { media, as: kind, metaVersion } = negotiate(accept, place);
  return kind ? `${media} ${kind} ${metaVersion.slice('meta.k8s.io/'.length)}` : media;
};

test.each([
  [undefined, 'json'],
  ['*/*', 'json'],
  ['application/yaml', 'yaml'],
  [protobuf, 'protobuf'],
  [`${protobuf};stream=watch`, 'protobuf'],
  [`${protobuf},application/json`, 'protobuf'],
  [`${protobuf}, */*`, 'protobuf'],
  [`*/*, ${protobuf}`, 'protobuf'],
  [`application/json,${protobuf}`, 'json'],
  [`application/json;q=0.5,${protobuf};q=0.9`, 'protobuf'],
  ['application/yaml;q=0.5,application/json;q=0.9', 'json'],
  ['application/yaml;stream=watch,application/json;stream=watch', 'json'],
  ['application/json;stream=other,application/yaml', 'yaml'],
  [`${table},application/json`, 'json Table v1'],
  [`${as('application/json', 'Table', 'v1beta1')},application/json`, 'json Table v1beta1'],
  [as('application/yaml', 'PartialObjectMetadataList'), 'yaml PartialObjectMetadataList v1'],
  [as(protobuf, 'PartialObjectMetadata'), 'protobuf PartialObjectMetadata v1'],
  [as(protobuf, 'PartialObjectMetadataList', 'v1beta1'), 'protobuf PartialObjectMetadataList v1beta1'],
  // What controller-runtime's metadata client says.
  [
    `${as(protobuf, 'PartialObjectMetadataList')},${as('application/json', 'PartialObjectMetadataList')},application/json`,
    'protobuf PartialObjectMetadataList v1',
  ],
  // Cells have no protobuf form: the next clause has its turn.
  [`${as(protobuf, 'Table')},${table}`, 'json Table v1'],
])('%s', (accept, expected) => {
  expect(shown(accept, builtIn)).toBe(expected);
});

test.each([
  [`${protobuf},application/json`, 'json'],
  [`${protobuf}, */*`, 'json'],
  [as(protobuf, 'PartialObjectMetadata'), 'protobuf PartialObjectMetadata v1'],
])('%s of a custom resource', (accept, expected) => {
  expect(shown(accept, customResource)).toBe(expected);
});

test.each([
  ['text/html', builtIn],
  ['application/cbor', builtIn],
  ['application/json;q=0', builtIn],
  [table.replace('Table', 'Chair'), builtIn],
  [table.replace('=v1', '=v2'), builtIn],
  ['application/json;as=Table', builtIn],
  [as(protobuf, 'Table'), builtIn],
  ['application/yaml;stream=watch', builtIn],
  [protobuf, customResource],
] as const)('%s is not served', (accept, place) => {
  expect(() => negotiate(accept, place)).toThrow(
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
});

test.each([
  [protobuf, 'protobuf'],
  ['application/yaml', 'yaml'],
  [`${table},application/yaml`, 'yaml'],
  [as(protobuf, 'PartialObjectMetadata'), 'json'],
  ['text/html', 'json'],
])('an error for who accepts %s', (accept, expected) => {
  expect(negotiateFailure(accept).media).toBe(expected);
});

test('JSON for human eyes may be asked for in the header', () => {
  expect(negotiate('application/json;pretty=1', builtIn).pretty).toBe(true);
});
