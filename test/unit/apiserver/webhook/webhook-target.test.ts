import { expect, test } from 'vitest';
import { answerText } from '../../../../src/api/answer-text.ts';
import { failureText } from '../../../../src/apiserver/webhook/webhook-errors.ts';
import { bundlePem, webhookAddress } from '../../../../src/apiserver/webhook/webhook-target.ts';

test.each([
  [{ url: 'https://example.com' }, 'https://example.com/?timeout=30s', 'example.com'],
  [{ url: 'https://example.com:443/a/b' }, 'https://example.com:443/a/b?timeout=30s', 'example.com'],
  [{ url: 'https://[::1]:8443/x' }, 'https://[::1]:8443/x?timeout=30s', '::1'],
  [{ service: { namespace: 'ns', name: 'svc' } }, 'https://svc.ns.svc:443/?timeout=30s', 'svc.ns.svc'],
  [
    { service: { namespace: 'ns', name: 'svc', path: '/convert', port: 8443 } },
    'https://svc.ns.svc:8443/convert?timeout=30s',
    'svc.ns.svc',
  ],
])('%j is asked at %s, by a certificate for %s', (target, url, serverName) => {
  expect(webhookAddress(target, 30)).toMatchObject({ url, serverName });
});

test('nothing but https is an address', () => {
  for (const url of [undefined, 'http://example.com', 'nonsense'])
    expect(() => webhookAddress(url === undefined ? {} : { url }, 30)).toThrow(
      'webhook configuration must have either service or URL',
    );
});

test('a bundle of white space is none', () => {
  expect(bundlePem(Buffer.from(' \n').toString('base64'))).toBeUndefined();
  expect(bundlePem(undefined)).toBeUndefined();
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  expect(bundlePem(Buffer.from(pem).toString('base64'))).toBe(pem);
  expect(() => bundlePem(Buffer.from('pem').toString('base64'))).toThrow('unable to parse bytes as PEM block');
});

test.each([
  [404, '', 'the server could not find the requested resource'],
  [403, 'go away', 'go away'],
  [418, 'tea', 'the server responded with the status code 418 but did not return more information'],
  [502, 'bad\n', 'an error on the server ("bad") has prevented the request from succeeding'],
  [500, '{"kind":"Status","message":"told"}', 'told'],
])('an answer with code %i and body %j means: %s', (code, body, text) => {
  expect(answerText(code, body)).toBe(text);
});

test.each([
  ['CERT_HAS_EXPIRED', /certificate has expired or is not yet valid/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /certificate is not valid for example.com/],
  ['ENOTFOUND', /dial tcp: lookup example.com: no such host/],
  ['ECONNREFUSED', /dial tcp example.com:443: connect: connection refused/],
  ['ECONNRESET', /^EOF$/],
])('%s is told as upstream tells it', (code, text) => {
  const address = webhookAddress({ url: 'https://example.com/hook' }, 30);
  expect(failureText(address, Object.assign(new Error('no'), { code }))).toMatch(text);
});
