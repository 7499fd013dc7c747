import { expect, test } from 'vitest';
import { SystemIds } from '../../../src/base/ids.ts';
import { createAuthority, lifetime } from '../../../src/pki/certificates.ts';
import { keyPairComplaint } from '../../../src/pki/key-pair.ts';
import { generateKey, privateKeyPem } from '../../../src/pki/keys.ts';

const key = generateKey();
const { certificatePem } = await createAuthority('a', key, lifetime(Date.now(), 1), new SystemIds());
const keyPem = privateKeyPem(key);
const csr = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n';

test.each([
  ['a pair', certificatePem, keyPem, undefined],
  ['a chain and its key', certificatePem + certificatePem, csr + keyPem, undefined],
  ['nothing', '', '', 'tls: failed to find any PEM data in certificate input'],
  ['no key', certificatePem, 'x', 'tls: failed to find any PEM data in key input'],
  [
    'both the wrong way round',
    keyPem,
    certificatePem,
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  ],
  [
    'a certificate twice',
    certificatePem,
    certificatePem,
    'tls: found a certificate rather than a key in the PEM for the private key',
  ],
  [
    'a request for a certificate',
    csr,
    keyPem,
    'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [CERTIFICATE REQUEST]',
  ],
  ['another key', certificatePem, privateKeyPem(generateKey()), 'tls: private key does not match public key'],
  [
    'a key that is none',
    certificatePem,
    '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n',
    'tls: failed to parse private key',
  ],
  [
    'a certificate that is none',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    keyPem,
    'x509: malformed certificate',
  ],
])('%s', (_what, certificate, privateKey, expected) => {
  expect(keyPairComplaint(certificate, privateKey)).toBe(expected);
});
