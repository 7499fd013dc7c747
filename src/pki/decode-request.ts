import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { CertificationRequest } from '@peculiar/asn1-csr';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Extensions, type GeneralName, SubjectAlternativeName } from '@peculiar/asn1-x509';
import type { ClientIdentity } from './certificates.ts';

const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectAltName: '2.5.29.17',
  extensionRequest: '1.2.840.113549.1.9.14',
} as const;

/** Signature algorithms of requests: the hash node:crypto verifies with, null where the key says it all. */
const signatureHashes: Readonly<Record<string, string | null>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.3.101.112': null,
};

/** Node Buffers often share a larger ArrayBuffer; the library takes whole ones. */
const bytes = (buffer: Uint8Array): ArrayBuffer => new Uint8Array(buffer).buffer;

/** What a certificate request asks for. */
export interface DecodedRequest {
  readonly subject: ClientIdentity;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  readonly publicKey: KeyObject;
  /** Whether the request is signed with the key it names. */
  readonly signatureValid: boolean;
}

/** Reads a PKCS #10 request (DER). Throws when the bytes are not one. */
export function decodeRequest(der: Uint8Array): DecodedRequest {
  const request = AsnConvert.parse(bytes(der), CertificationRequest);
  const info = request.certificationRequestInfo;
  const publicKey = createPublicKey({
    key: Buffer.from(AsnConvert.serialize(info.subjectPKInfo)),
    format: 'der',
    type: 'spki',
  });
  const values = (type: string) =>
    info.subject.flatMap((set) => set.filter((part) => part.type === type).map((part) => part.value.toString()));
  const names = requestedNames(request);
  const each = <T>(pick: (name: GeneralName) => T | undefined) => names.map(pick).filter((v) => v !== undefined);
  return {
    subject: { commonName: values(oid.commonName)[0] ?? '', organizations: values(oid.organization) },
    dnsNames: each((n) => n.dNSName),
    ipAddresses: each((n) => n.iPAddress),
    emails: each((n) => n.rfc822Name),
    uris: each((n) => n.uniformResourceIdentifier),
    publicKey,
    signatureValid: isSignedBy(request, publicKey),
  };
}

function isSignedBy(request: CertificationRequest, publicKey: KeyObject): boolean {
  const hash = signatureHashes[request.signatureAlgorithm.algorithm];
  if (hash === undefined || !request.certificationRequestInfoRaw) return false;
  try {
    return verify(hash, Buffer.from(request.certificationRequestInfoRaw), publicKey, Buffer.from(request.signature));
  } catch {
    return false;
  }
}

function requestedNames(request: CertificationRequest): GeneralName[] {
  const attributes = request.certificationRequestInfo.attributes ?? [];
  const requested = [...attributes]
    .filter((attribute) => attribute.type === oid.extensionRequest)
    .flatMap((attribute) => attribute.values.flatMap((value) => [...AsnConvert.parse(value, Extensions)]));
  return requested
    .filter((extension) => extension.extnID === oid.subjectAltName)
    .flatMap((extension) => [...AsnConvert.parse(extension.extnValue.buffer, SubjectAlternativeName)]);
}
