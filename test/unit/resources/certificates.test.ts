import { expect, test } from 'vitest';
import { ErrorList } from '../../../src/api/field-errors.ts';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import { create, definition, read, refusals } from './rules-kit.ts';

const requests = 'certificatesigningrequests/certificates.k8s.io';

/** A request for CN=alice with a P-256 key, and a certificate for it, until the year 2126. */
const der =
  'MIHLMHICAQAwEDEOMAwGA1UEAwwFYWxpY2UwWTATBgcqhkjOPQIBBggqhkjOPQMB' +
  'BwNCAATgSSRlzjLogegJdSydnwyahKH3y3qbydQz9l2BFlmWlyhJr7hY9sS66kdE' +
  'OW+VSpOkLVfZXkHXy36Rn6RZwFn0oAAwCgYIKoZIzj0EAwIDSQAwRgIhALaS3UMH' +
  'V/UyxfsX8Hq49YdsxZiXLROa/Lcv1iI0Fn3aAiEA2P9anC4ZVYi3kVaqiNDRinzp' +
  'yzbp7THYQ/7Ul39w31s=';
const certificateDer =
  'MIIBHDCBwwIUOAyP2FUa7KhyeSpmH6HsuM4/X2IwCgYIKoZIzj0EAwIwEDEOMAwG' +
  'A1UEAwwFYWxpY2UwIBcNMjYxMTI4MjIzMDUxWhgPMjEyNjExMDQyMjMwNTFaMBAx' +
  'DjAMBgNVBAMMBWFsaWNlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4EkkZc4y' +
  '6IHoCXUsnZ8MmoSh98t6m8nUM/ZdgRZZlpcoSa+4WPbEuupHRDlvlUqTpC1X2V5B' +
  '18t+kZ+kWcBZ9DAKBggqhkjOPQQDAgNIADBFAiEAinKO7rbZB2CQPKiw3wUeh2eF' +
  'lM4OWNIBYqieKR9xkKMCIHxLHrnbLJLMOHG7qlfIR2WzI98rMx9m8iOKds+rkmkm';
const pem = (type: string, body: string, headers = '') =>
  `-----BEGIN ${type}-----\n${headers}${body}\n-----END ${type}-----\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

const asked = base64(pem('CERTIFICATE REQUEST', der));
const request = (extra = '', content = asked) =>
  `spec: {request: "${content}", usages: [client auth], signerName: kubernetes.io/kube-apiserver-client${extra}}`;

test('a certificate request says who asked, as the server knows them', () => {
  const { object, errors } = create(requests, request(', username: root, uid: "1", extra: {a: [b]}'));
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ spec: { username: 'alice', groups: [] }, status: {} });
  expect(object['spec']).not.toHaveProperty('uid');
  expect(object['spec']).not.toHaveProperty('extra');
  const own = read(request());
  const user = { name: 'bob', uid: '7', groups: ['g'], extra: { k: ['v'] } };
  definition(requests).prepareCreate?.(own, { now: 0, user });
  expect(own['spec']).toMatchObject({ username: 'bob', uid: '7', groups: ['g'], extra: { k: ['v'] } });
});

const flipped = `${der.slice(0, -12)}AAAA${der.slice(-8)}`;

test.each<[string, string, string]>([
  ['nothing', '', 'PEM block type must be CERTIFICATE REQUEST'],
  ['a certificate', pem('CERTIFICATE', certificateDer), 'PEM block type must be CERTIFICATE REQUEST'],
  ['no base64', pem('CERTIFICATE REQUEST', '?'), 'PEM block type must be CERTIFICATE REQUEST'],
  ['other bytes', pem('CERTIFICATE REQUEST', 'AA=='), 'x509: malformed certificate request'],
  ['a request cut short', pem('CERTIFICATE REQUEST', der.slice(0, 64)), 'x509: malformed certificate request'],
  ['another signature', pem('CERTIFICATE REQUEST', flipped), 'x509: ECDSA verification failure'],
])('a request is refused that holds %s', (_, text, problem) => {
  const content = base64(text);
  expect(refusals(requests, request('', content))).toEqual([
    `spec.request: Invalid value: ${JSON.stringify(content)}: ${problem}`,
  ]);
});

test.each<[string, string[]]>([
  [
    request(', expirationSeconds: 5'),
    ['spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)'],
  ],
  [`spec: {request: ${asked}, signerName: a.b/c}`, ['spec.usages: Required value']],
  [
    `spec: {request: ${asked}, usages: [any, any]}`,
    ['spec.usages[1]: Duplicate value: "any"', 'spec.signerName: Required value'],
  ],
  [
    `spec: {request: ${asked}, usages: [fly], signerName: kubernetes.io/legacy-unknown}`,
    [
      expect.stringMatching(
        /^spec.usages\[0\]: Unsupported value: "fly": supported values: "any", "cert sign"/,
      ) as never,
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
  ],
  [
    `spec: {request: ${asked}, usages: [any], signerName: a.b}`,
    [
      `spec.signerName: Invalid value: "a.b": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ],
  ],
  [
    `spec: {request: ${asked}, usages: [any], signerName: A./B.C}`,
    [
      expect.stringMatching(
        /^spec.signerName: Invalid value: "A.": validating label "A": a lowercase RFC 1123 label /,
      ) as never,
      expect.stringMatching(
        /^spec.signerName: Invalid value: "B.C": validating label "B": a lowercase RFC 1123 subdomain /,
      ) as never,
    ],
  ],
  [
    `spec: {request: ${asked}, usages: [any], signerName: "${'a.'.repeat(128)}a/b"}`,
    ['spec.signerName: Too long: may not be more than 253 bytes'],
  ],
])('a certificate request %s', (yaml, expected) => {
  expect(refusals(requests, yaml)).toEqual(expected);
});

const rules = definition(requests);
const now = Date.parse('2026-01-01T00:00:00Z');

/** An update of a subresource of a request whose status is `stored`. */
function later(subresource: 'status' | 'approval', stored: object, status: object) {
  const old = { ...create(requests, request()).object, status: stored } as KubeObject;
  const object = { ...old, status: structuredClone(status) } as Mutable<KubeObject>;
  const special = subresource === 'status' ? rules.status : rules.subresources?.['approval'];
  const errors = new ErrorList();
  const context = { now, user: { name: 'u', groups: [] }, subresource };
  special?.prepareUpdate?.(object, old, context);
  special?.validateUpdate?.(object, old, errors, context);
  return { status: object['status'], errors: errors.errors.map((error) => error.text) };
}

const condition = (type: string, extra: object = {}) => ({ type, status: 'True', ...extra });
const time = '2026-01-01T00:00:00Z';
const approved = condition('Approved', { reason: 'Good', lastUpdateTime: time, lastTransitionTime: time });

test('a decision gets its time, and stays what it was', () => {
  const { status, errors } = later('approval', {}, { conditions: [condition('Approved', { reason: 'Good' })] });
  expect(errors).toEqual([]);
  expect(status).toEqual({ conditions: [approved] });
  const again = later('status', status as object, { conditions: [condition('Approved', { reason: 'Other' })] });
  expect(again).toEqual({ status: { conditions: [approved] }, errors: [] });
});

test.each<[string, 'status' | 'approval', object, object, string[]]>([
  [
    'decisions are not for the status to make',
    'status',
    {},
    { conditions: [condition('Approved'), condition('Failed')] },
    ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
  ],
  [
    'what is decided stays decided',
    'approval',
    { conditions: [approved] },
    { conditions: [] },
    ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
  ],
  [
    'yes and no exclude each other',
    'approval',
    {},
    { conditions: [condition('Approved'), condition('Denied')] },
    ['status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'],
  ],
  [
    'a decision is never false, and has a type',
    'approval',
    {},
    { conditions: [{ type: 'Denied', status: 'False' }, { type: '', status: '' }, condition('A'), condition('A')] },
    [
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
      'status.conditions[1].type: Required value',
      'status.conditions[1].status: Required value',
      'status.conditions[3].type: Duplicate value: "A"',
    ],
  ],
  [
    'a stored contradiction may stay',
    'status',
    { conditions: [condition('Approved'), condition('Denied')] },
    { conditions: [condition('Approved'), condition('Denied'), condition('Failed')] },
    [],
  ],
])('%s', (_, subresource, stored, status, expected) => {
  expect(later(subresource, stored, status).errors).toEqual(expected);
});

const certificate = base64(pem('CERTIFICATE', certificateDer));

test.each<[string, object, string, string[]]>([
  ['a certificate', {}, certificate, []],
  [
    'another text',
    {},
    base64('hello'),
    ['status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block'],
  ],
  [
    'a request',
    {},
    asked,
    [
      'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
    ],
  ],
  [
    'headers',
    {},
    base64(pem('CERTIFICATE', certificateDer, 'A: b\n\n')),
    ['status.certificate: Invalid value: "<certificate data>": no PEM block headers are permitted'],
  ],
  [
    'other bytes',
    {},
    base64(pem('CERTIFICATE', 'AA==')),
    ['status.certificate: Invalid value: "<certificate data>": x509: malformed certificate'],
  ],
  [
    'a second certificate',
    { certificate },
    base64(`${pem('CERTIFICATE', certificateDer)}\n`),
    ['status.certificate: Forbidden: updates may not modify existing certificate content'],
  ],
])('what is issued is %s', (_, stored, content, expected) => {
  expect(later('status', stored, { certificate: content }).errors).toEqual(expected);
});

test('an approval does not touch the certificate', () => {
  const { status } = later('approval', { certificate }, { certificate: '', conditions: [approved] });
  expect(status).toEqual({ certificate, conditions: [approved] });
});
