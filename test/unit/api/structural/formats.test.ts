import { expect, test } from 'vitest';
import { hasFormat, isKnownFormat } from '../../../../src/api/structural/formats.ts';

test.each<[string, string[], string[]]>([
  ['bsonobjectid', ['5f1a2b3c4d5e6f7a8b9c0d1e'], ['5f1a', 'z'.repeat(24)]],
  [
    'uri',
    ['http://a.b/c?d=e f', '/path', 'mailto:a@b', 'https://[::1]:80/x'],
    ['', 'a b', 'a/b', 'http://a b/', 'http://a:x/', '/%zz', ':x'],
  ],
  ['email', ['a@b.c', '"a b"@c', 'Jo Doe <jo@doe.example>'], ['a', 'a@', '@b', 'a@b c', 'a..b@c', '<a@b']],
  [
    'hostname',
    ['a', 'a.example', 'xn--bcher-kva.example', '1.example'],
    ['', '-a', 'a_b', 'a..b', `${'a'.repeat(64)}.b`],
  ],
  ['ipv4', ['1.2.3.4'], ['1.2.3', '01.2.3.4', '::1']],
  ['ipv6', ['::1', 'fe80::1'], ['1.2.3.4', 'fe80::1%eth0', ':::']],
  ['cidr', ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08']],
  ['mac', ['00:1b:2c:3d:4e:5f', '001b.2c3d.4e5f', '00-1b-2c-3d-4e-5f-60-70'], ['00:1b', '00:1b-2c:3d:4e:5f']],
  [
    'uuid',
    ['123E4567-e89b-12d3-a456-426614174000', '123e4567e89b12d3a456426614174000'],
    ['123', 'g23e4567-e89b-12d3-a456-426614174000'],
  ],
  ['uuid3', ['123e4567-e89b-32d3-a456-426614174000'], ['123e4567-e89b-12d3-a456-426614174000']],
  ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-42d3-7456-426614174000']],
  ['uuid5', ['123e4567-e89b-52d3-b456-426614174000'], ['123e4567-e89b-42d3-b456-426614174000']],
  ['isbn', ['0321751043', '978-0321751041'], ['0321751044']],
  ['isbn10', ['0-321-75104-3', '043942089X'], ['978-0321751041']],
  ['isbn13', ['978-0321751041'], ['978-0321751042']],
  ['creditcard', ['4111 1111 1111 1111', '378282246310005'], ['4111 1111 1111 1112', '1234']],
  ['ssn', ['111-22-3333', '111 22 3333'], ['111223333', '11-22-3333']],
  ['hexcolor', ['#fff', 'AABBCC'], ['#ff', '#ggg']],
  ['rgbcolor', ['rgb(0,128, 255)'], ['rgb(0,0,256)', 'rgb(0,0)']],
  ['byte', ['YQ==', 'YWJj'], ['', 'YQ=', 'Y Q=']],
  ['password', ['', 'x'], []],
  ['date', ['2024-02-29', '0000-01-01'], ['2023-02-29', '2024-13-01', '2024-1-1']],
  ['duration', ['1h30m', '22 ns', '3 days', '1.5s', '2 weeks later: 3 s'], ['', 'x', '5 parsecs', '1']],
  [
    'date-time',
    ['2014-12-15T19:30:20.000Z', '2014-12-15t19:30:20+01:00'],
    ['2014-12-15', '2014-12-15T24:30:20Z', '2014-12-15 19:30:20Z'],
  ],
  ['k8s-short-name', ['a', 'a-1'], ['A', 'a-', 'a.b', 'a'.repeat(64)]],
  ['k8s-long-name', ['a.b', `${'a'.repeat(64)}.b`], ['a..b', 'A.b', 'a'.repeat(254)]],
])('format %s', (format, good, bad) => {
  expect(isKnownFormat(['string'], format)).toBe(true);
  expect(good.filter((text) => !hasFormat(format, text))).toEqual([]);
  expect(bad.filter((text) => hasFormat(format, text))).toEqual([]);
});

test.each<[string[], string, boolean]>([
  [['integer'], 'int32', true],
  [['integer'], 'int16', false],
  [['number'], 'double', true],
  [['boolean'], 'date', false],
  [[], 'date', true],
  [['integer', 'string'], 'int32', false],
  [['string'], 'datetime', true],
])('values of %j know format %s: %s', (types, format, known) => {
  expect(isKnownFormat(types, format)).toBe(known);
});

test('long texts take no long time', () => {
  const long = 'a'.repeat(300_000);
  for (const format of ['uri', 'email', 'hostname', 'duration', 'byte', 'mac', 'date-time', 'isbn', 'creditcard'])
    expect(typeof hasFormat(format, `${long}!`)).toBe('boolean');
  expect(hasFormat('duration', '1 '.repeat(100_000))).toBe(false);
});

test('a type that is called like a method of every object has no formats', () => {
  expect(isKnownFormat(['constructor'], 'int32')).toBe(false);
});
