import { generateKeyPairSync } from 'node:crypto';
import { Name } from '@peculiar/asn1-x509';
import { describe, expect, it } from 'vitest';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestSpec,
  CertificateSigningRequestStatus,
  KeyUsage,
} from '../../../src/api/types/certificates-v1.gen.ts';
import { kubeletClientProblem, kubeletServingProblem } from '../../../src/controllers/certificate-requests.ts';
import { selfApprovals } from '../../../src/controllers/csr-approving/plan.ts';
import { expiryOf } from '../../../src/controllers/csr-cleaner/plan.ts';
import { awaitsSigning, lifetimeOf, signerProblem } from '../../../src/controllers/csr-signing/plan.ts';
import type { DecodedRequest } from '../../../src/pki/signing-requests.ts';

const now = Date.UTC(2026, 0, 1, 12);
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString().replace('.000', '');
const { publicKey } = generateKeyPairSync('ed25519');

const asked = (more: Partial<DecodedRequest> = {}): DecodedRequest => ({
  subject: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
  name: new Name(),
  dnsNames: [],
  ipAddresses: [],
  emails: [],
  uris: [],
  publicKey,
  signatureValid: true,
  ...more,
});

const client: KeyUsage[] = ['digital signature', 'client auth'];
const server: KeyUsage[] = ['key encipherment', 'digital signature', 'server auth'];

const csr = (
  spec: Partial<CertificateSigningRequestSpec> = {},
  status: CertificateSigningRequestStatus = {},
): CertificateSigningRequest => ({
  metadata: { name: 'c', creationTimestamp: ago(100) },
  spec: { request: '', signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: client, ...spec },
  status,
});

const condition = (type: string, since = 0) => ({ type, status: 'True', lastUpdateTime: ago(since) });

describe('requests of kubelets', () => {
  const wrongSubject = { commonName: 'system:node:n1', organizations: ['system:nodes', 'system:masters'] };
  const wrongName = { commonName: 'jane', organizations: ['system:nodes'] };
  it.each<[string, DecodedRequest, readonly string[], string | undefined]>([
    ['are fine', asked(), client, undefined],
    ['may ask for key encipherment', asked(), [...client, 'key encipherment'], undefined],
    ['must be of the nodes', asked({ subject: wrongSubject }), client, 'subject organization is not system:nodes'],
    ['must name a node', asked({ subject: wrongName }), client, 'subject common name does not begin with system:node:'],
    ['may have no DNS names', asked({ dnsNames: ['a'] }), client, 'DNS subjectAltNames are not allowed'],
    ['may have no addresses', asked({ ipAddresses: ['10.0.0.1'] }), client, 'IP subjectAltNames are not allowed'],
    ['may have no mail addresses', asked({ emails: ['a@b'] }), client, 'Email subjectAltNames are not allowed'],
    ['may have no URIs', asked({ uris: ['a:b'] }), client, 'URI subjectAltNames are not allowed'],
    [
      'may not ask for more',
      asked(),
      [...client, 'server auth'],
      'usages did not match [client auth digital signature key encipherment]',
    ],
  ])('for client certificates %s', (_, request, usages, problem) => {
    expect(kubeletClientProblem(request, usages)).toBe(problem);
  });

  it.each<[string, DecodedRequest, readonly string[], string | undefined]>([
    ['are fine', asked({ dnsNames: ['n1'] }), server, undefined],
    ['need a name', asked(), server, 'DNS or IP subjectAltName is required'],
    [
      'need the usages of servers',
      asked({ ipAddresses: ['10.0.0.1'] }),
      client,
      'usages did not match [digital signature key encipherment server auth]',
    ],
    [
      'must name a node',
      asked({ dnsNames: ['n1'], subject: wrongName }),
      server,
      'subject common name does not begin with system:node:',
    ],
  ])('for serving certificates %s', (_, request, usages, problem) => {
    expect(kubeletServingProblem(request, usages)).toBe(problem);
  });
});

describe('a request is approved of itself', () => {
  const by = (object: CertificateSigningRequest, request = asked()) =>
    selfApprovals(object, request).map(({ subresource }) => subresource);

  it('when a node renews its own certificate, or somebody brings in a node', () => {
    expect(by(csr({ username: 'system:node:n1' }))).toEqual(['selfnodeclient', 'nodeclient']);
    expect(by(csr({ username: 'system:bootstrap:x' }))).toEqual(['nodeclient']);
  });

  it('for no other signer, and not when it is not as kubelets ask', () => {
    expect(by(csr({ signerName: 'kubernetes.io/kube-apiserver-client' }))).toEqual([]);
    expect(by(csr(), asked({ dnsNames: ['n1'] }))).toEqual([]);
  });
});

describe('signing', () => {
  it('waits for approval, and happens once', () => {
    const conditions = [condition('Approved')];
    expect(awaitsSigning(csr())).toBe(false);
    expect(awaitsSigning(csr({}, { conditions }))).toBe(true);
    expect(awaitsSigning(csr({}, { conditions, certificate: 'AA==' }))).toBe(false);
    expect(awaitsSigning(csr({}, { conditions: [...conditions, condition('Denied')] }))).toBe(false);
    expect(awaitsSigning(csr({}, { conditions: [...conditions, condition('Failed')] }))).toBe(false);
    expect(awaitsSigning(csr({ signerName: 'example.com/mine' }, { conditions }))).toBe(false);
    expect(awaitsSigning(csr({ signerName: 'constructor' }, { conditions }))).toBe(false);
  });

  it('knows what each signer refuses', () => {
    const problem = (signerName: string, usages: KeyUsage[]) =>
      signerProblem(csr({ signerName: `kubernetes.io/${signerName}`, usages }), asked());
    expect(problem('kube-apiserver-client', client)).toBeUndefined();
    expect(problem('kube-apiserver-client', server)).toBe('invalid usage for client certificate: server auth');
    expect(problem('kube-apiserver-client', ['digital signature'])).toBe(
      'missing required usage for client certificate: client auth',
    );
    const masters = asked({ subject: { commonName: 'jane', organizations: ['system:masters'] } });
    expect(signerProblem(csr({ signerName: 'kubernetes.io/kube-apiserver-client' }), masters)).toBe(
      'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
    expect(problem('kube-apiserver-client-kubelet', client)).toBeUndefined();
    expect(problem('kubelet-serving', server)).toBe('DNS or IP subjectAltName is required');
    expect(problem('legacy-unknown', ['cert sign'])).toBeUndefined();
  });

  const [minute, hour] = [60_000, 3_600_000];
  it.each([
    ['a year unless asked otherwise', undefined, 365 * 24 * hour - 5 * minute],
    ['a year at most', 2 ** 31 - 1, 365 * 24 * hour - 5 * minute],
    ['what is asked for', 24 * 3600, 24 * hour - 5 * minute],
    ['all of it from now on when that is short', 3600, hour],
    ['ten minutes at least', 1, 10 * minute],
  ])('gives %s', (_, seconds, lasting) => {
    expect(lifetimeOf(seconds, now + 9999 * 24 * hour, now)).toEqual({
      notBefore: now - 5 * minute,
      notAfter: now + lasting,
    });
  });

  it('gives nothing beyond the end of the authority', () => {
    expect(lifetimeOf(undefined, now + 1000, now).notAfter).toBe(now + 1000);
    expect(() => lifetimeOf(undefined, now, now)).toThrow('refusing to sign a certificate that expired in the past');
  });
});

describe('a request is kept', () => {
  const keptFor = (status: CertificateSigningRequestStatus) => {
    const expiry = expiryOf(csr({}, status));
    return expiry === undefined ? undefined : (expiry - now) / 1000;
  };

  it('for a day while nobody has looked at it', () => {
    expect(keptFor({})).toBe(86_400 - 100);
  });

  it('for an hour when it was denied, has failed or was issued, whatever came first', () => {
    expect(keptFor({ conditions: [condition('Denied', 60)] })).toBe(3540);
    expect(keptFor({ conditions: [condition('Approved', 90), condition('Failed', 60)] })).toBe(3540);
    expect(keptFor({ conditions: [condition('Approved', 60)], certificate: 'AA==' })).toBe(3540);
  });

  it('while it was approved and waits for its signer', () => {
    expect(keptFor({ conditions: [condition('Approved', 60)] })).toBeUndefined();
  });
});
