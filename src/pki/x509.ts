import { createHash, createPublicKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { CertificationRequest } from '@peculiar/asn1-csr';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import type { CertificateSpec, ClientIdentity } from './certificate-spec.ts';
import { extendedUsageIds, keyUsageBits } from './key-usages.ts';
import { publicKeyDer } from './keys.ts';
import { signatureHashes } from './signature-hashes.ts';

const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
  extensionRequest: '1.2.840.113549.1.9.14',
  ecdsaSha256: '1.2.840.10045.4.3.2',
} as const;

/** Node Buffers often share a larger ArrayBuffer; the library takes whole ones. */
const bytes = (buffer: Uint8Array): ArrayBuffer => new Uint8Array(buffer).buffer;

const pem = (label: string, der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
};

/** Signs a certificate; returns PEM. */
export function encodeCertificate(spec: CertificateSpec): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: oid.ecdsaSha256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: bytes(spec.serial),
    signature: algorithm,
    issuer: spec.issuer.name instanceof Name ? spec.issuer.name : nameOf(spec.issuer.name),
    validity: new Validity({
      notBefore: wholeSecond(spec.valid.notBefore),
      notAfter: wholeSecond(spec.valid.notAfter),
    }),
    subject: spec.subject instanceof Name ? spec.subject : nameOf(spec.subject),
    subjectPublicKeyInfo: AsnConvert.parse(bytes(publicKeyDer(spec.publicKey)), SubjectPublicKeyInfo),
    extensions: new Extensions(extensionsOf(spec)),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), spec.issuer.key);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: bytes(signature),
  });
  return pem('CERTIFICATE', AsnConvert.serialize(certificate));
}

const wholeSecond = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

function nameOf({ commonName, organizations = [] }: ClientIdentity): Name {
  const part = (type: string, value: string) =>
    new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: value }) });
  // Several values of one attribute share a set, as Go writes them.
  const groups = organizations.length > 0 ? [organizations.map((o) => part(oid.organization, o))] : [];
  return new Name([...groups, [part(oid.commonName, commonName)]].map((set) => new RelativeDistinguishedName(set)));
}

/** Any short digest of the key will do (RFC 5280, 4.2.1.2). */
const keyIdentifier = (key: KeyObject): ArrayBuffer => bytes(createHash('sha1').update(publicKeyDer(key)).digest());

function extensionsOf(spec: CertificateSpec): Extension[] {
  const extension = (extnID: string, critical: boolean, value: unknown) =>
    new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
  const bits = spec.usages.reduce((all, usage) => all | (keyUsageBits[usage] ?? 0), 0);
  const purposes = spec.usages.map((usage) => extendedUsageIds[usage]).filter((id) => id !== undefined);
  const names = [
    ...(spec.dnsNames ?? []).map((dNSName) => new GeneralName({ dNSName })),
    ...(spec.emails ?? []).map((rfc822Name) => new GeneralName({ rfc822Name })),
    ...(spec.ipAddresses ?? []).map((iPAddress) => new GeneralName({ iPAddress })),
    ...(spec.uris ?? []).map((uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier })),
  ];
  return [
    ...(bits ? [extension(oid.keyUsage, true, new KeyUsage(bits))] : []),
    ...(purposes.length > 0 ? [extension(oid.extendedKeyUsage, false, new ExtendedKeyUsage(purposes))] : []),
    extension(oid.basicConstraints, true, new BasicConstraints({ cA: spec.authority ?? false })),
    extension(oid.subjectKeyId, false, new SubjectKeyIdentifier(keyIdentifier(spec.publicKey))),
    extension(
      oid.authorityKeyId,
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(spec.issuer.key)) }),
    ),
    ...(names.length > 0 ? [extension(oid.subjectAltName, false, new SubjectAlternativeName(names))] : []),
  ];
}

/** The names of certificates that issued before, by PEM: parsing takes longer than signing. */
const issuerNames = new Map<string, Name>();

/** The subject of a certificate as it stands in it. */
export function subjectOf(certificatePem: string): Name {
  const known = issuerNames.get(certificatePem);
  if (known) return known;
  const name = AsnConvert.parse(bytes(new X509Certificate(certificatePem).raw), Certificate).tbsCertificate.subject;
  if (issuerNames.size >= 16) issuerNames.clear();
  issuerNames.set(certificatePem, name);
  return name;
}

/** What a certificate request asks for. */
export interface DecodedRequest {
  readonly subject: ClientIdentity;
  /** The subject as it stands in the request, with what is no part of an identity. */
  readonly name: Name;
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
    name: info.subject,
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
    // A key or signature of another kind than it says.
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
