import type { KeyObject } from 'node:crypto';
import type { Ids } from '../base/ids.ts';
import type { CertificateSpec, ClientIdentity, Lifetime } from './certificate-spec.ts';

/** A certificate and the private key it belongs to. */
export interface KeyedCertificate {
  readonly certificatePem: string;
  readonly key: KeyObject;
}

/** Names a server certificate is good for. */
export interface ServerNames {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** The X.509 code is loaded when the first certificate is made, not when a cluster with certificates starts. */
const x509 = () => import('./x509.ts');

/** Clients' clocks may lag a little behind. */
const backdating = 5 * 60_000;
const day = 24 * 3600_000;

/** Valid from a little before `now` for `days`. */
export const lifetime = (now: number, days: number): Lifetime => ({
  notBefore: now - backdating,
  notAfter: now + days * day,
});

/** A positive, unpredictable serial number of 127 bits. */
function serialOf(ids: Ids): Buffer {
  const serial = Buffer.from(ids.uid().replaceAll('-', ''), 'hex');
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial;
}

/** Makes a self-signed certificate authority. */
export async function createAuthority(
  commonName: string,
  key: KeyObject,
  valid: Lifetime,
  ids: Ids,
): Promise<KeyedCertificate> {
  const certificatePem = (await x509()).encodeCertificate({
    serial: serialOf(ids),
    subject: { commonName },
    publicKey: key,
    authority: true,
    usages: ['digital signature', 'key encipherment', 'cert sign'],
    valid,
    issuer: { name: { commonName }, key },
  });
  return { certificatePem, key };
}

/** Issues a certificate for a TLS server. */
export async function issueServing(
  authority: KeyedCertificate,
  names: ServerNames,
  publicKey: KeyObject,
  valid: Lifetime,
  ids: Ids,
): Promise<string> {
  return issue(authority, ids, {
    subject: { commonName: names.commonName },
    dnsNames: names.dnsNames,
    ipAddresses: names.ipAddresses,
    publicKey,
    usages: ['digital signature', 'key encipherment', 'server auth'],
    valid,
  });
}

/** Issues a certificate by which a client proves who it is. */
export async function issueClient(
  authority: KeyedCertificate,
  identity: ClientIdentity,
  publicKey: KeyObject,
  valid: Lifetime,
  ids: Ids,
): Promise<string> {
  return issue(authority, ids, {
    subject: identity,
    publicKey,
    usages: ['digital signature', 'key encipherment', 'client auth'],
    valid,
  });
}

/** Issues a certificate of any shape; `usages` are those of the CertificateSigningRequest API. */
export async function issue(
  authority: KeyedCertificate,
  ids: Ids,
  spec: Omit<CertificateSpec, 'issuer' | 'serial'>,
): Promise<string> {
  const library = await x509();
  return library.encodeCertificate({
    ...spec,
    serial: serialOf(ids),
    issuer: { name: library.subjectOf(authority.certificatePem), key: authority.key },
  });
}
