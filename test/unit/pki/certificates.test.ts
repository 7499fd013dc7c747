import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { SystemIds } from '../../../src/base/ids.ts';
import { createAuthority, issueClient, issueServing, lifetime } from '../../../src/pki/certificates.ts';
import { generateKey, privateKeyPem, publicKeyOf } from '../../../src/pki/keys.ts';
import { BadRequestPem, readSigningRequest, signRequest } from '../../../src/pki/signing-requests.ts';
import { pkcs10 } from '../../kit/pkcs10.ts';

const ids = new SystemIds();
const now = Date.now();

async function authority() {
  return createAuthority('krill-ca', generateKey(), lifetime(now, 3650), ids);
}

describe('certificates', () => {
  test('a server and a client prove themselves to each other over TLS', async () => {
    const ca = await authority();
    const serverKey = generateKey();
    const clientKey = generateKey();
    const names = {
      commonName: 'kube-apiserver',
      dnsNames: ['localhost', 'kubernetes.default.svc'],
      ipAddresses: ['127.0.0.1', '10.96.0.1', '::1'],
    };
    const server = createServer(
      {
        ca: ca.certificatePem,
        cert: await issueServing(ca, names, publicKeyOf(serverKey), lifetime(now, 365), ids),
        key: privateKeyPem(serverKey),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (socket: TLSSocket) => {
        const { subject } = socket.getPeerCertificate();
        socket.end(JSON.stringify(subject));
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      ca: ca.certificatePem,
      cert: await issueClient(
        ca,
        { commonName: 'admin', organizations: ['system:masters', 'b'] },
        publicKeyOf(clientKey),
        lifetime(now, 365),
        ids,
      ),
      key: privateKeyPem(clientKey),
    });
    let text = '';
    for await (const chunk of client) text += String(chunk);
    server.close();
    expect(JSON.parse(text)).toEqual({ CN: 'admin', O: ['system:masters', 'b'] });
  });

  test('says what it is for, from whom, and how long', async () => {
    const ca = await authority();
    const key = generateKey();
    const text = await issueServing(
      ca,
      { commonName: 'x', dnsNames: ['a.b'], ipAddresses: ['10.96.0.1'] },
      publicKeyOf(key),
      lifetime(now, 365),
      ids,
    );
    const parsed = new X509Certificate(text);
    const issuer = new X509Certificate(ca.certificatePem);
    expect(parsed.checkIssued(issuer)).toBe(true);
    expect(parsed.verify(issuer.publicKey)).toBe(true);
    expect([issuer.ca, parsed.ca]).toEqual([true, false]);
    expect(parsed.subjectAltName).toBe('DNS:a.b, IP Address:10.96.0.1');
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(parsed.checkPrivateKey(key)).toBe(true);
    expect(new Date(parsed.validTo).getTime()).toBe(Math.floor((now + 365 * 86_400_000) / 1000) * 1000);
    expect(parsed.serialNumber).not.toBe(issuer.serialNumber);
  });
});

const request = (newKey: string[], extra: string[] = []): string => pkcs10('/O=devs/O=ops/CN=jane', { newKey, extra });

describe('certificate requests', () => {
  test.each([
    ['EC', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']],
    ['RSA', ['rsa:2048']],
    ['Ed25519', ['ed25519']],
  ])('of an %s key are read, checked and signed', async (_name, algorithm) => {
    const asked = await readSigningRequest(
      request(algorithm, ['-addext', 'subjectAltName=DNS:web.default.svc,IP:10.0.0.7']),
    );
    expect(asked).toMatchObject({
      subject: { commonName: 'jane', organizations: ['devs', 'ops'] },
      dnsNames: ['web.default.svc'],
      ipAddresses: ['10.0.0.7'],
      signatureValid: true,
    });
    const ca = await authority();
    const parsed = new X509Certificate(
      await signRequest(ca, asked, ['digital signature', 'client auth'], lifetime(now, 1), ids),
    );
    expect(parsed.verify(createPublicKey(ca.certificatePem))).toBe(true);
    expect(parsed.subject).toContain('CN=jane');
    expect(parsed.subjectAltName).toBe('DNS:web.default.svc, IP Address:10.0.0.7');
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(parsed.publicKey.equals(asked.publicKey)).toBe(true);
  });

  test('whose content was changed after signing are not signed', async () => {
    const pem = request(['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']);
    const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
    der.write('june', der.indexOf('jane'));
    const asked = await readSigningRequest(
      `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`,
    );
    expect(asked.signatureValid).toBe(false);
    await expect(signRequest(await authority(), asked, [], lifetime(now, 1), ids)).rejects.toThrow(BadRequestPem);
  });

  test.each([
    ['nothing', ''],
    ['a private key', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
    ['other bytes', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'],
  ])('that are %s are refused', async (_name, text) => {
    await expect(readSigningRequest(text)).rejects.toThrow(BadRequestPem);
  });
});
