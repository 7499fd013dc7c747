import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { ClientIdentity, Lifetime } from './certificates.ts';
import { bits, der, integer, namedBits, objectId, octets, partsOf, sequence, setOf, time, truth, utf8 } from './der.ts';
import { extendedUsageIds, keyUsageBits } from './key-usages.ts';
import { publicKeyDer } from './keys.ts';

/** Everything that goes into a certificate. */
export interface CertificateSpec {
  readonly serial: Buffer;
  readonly subject: ClientIdentity;
  readonly publicKey: KeyObject;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly emails?: readonly string[];
  readonly uris?: readonly string[];
  /** May sign other certificates. */
  readonly authority?: boolean;
  /** Names of the CertificateSigningRequest API, key usages and extended ones mixed. */
  readonly usages: readonly string[];
  readonly valid: Lifetime;
  /** The name as it stands, byte for byte, in the issuer's own certificate, and its EC key. */
  readonly issuer: { readonly name: ClientIdentity | Uint8Array; readonly key: KeyObject };
}

const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
  ecdsaSha256: '1.2.840.10045.4.3.2',
} as const;

/** Context tags. */
const version = 0xa0;
const extensions = 0xa3;
const keyIdentifierTag = 0x80;
const nameTags = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const;

const pem = (label: string, bytes: Buffer): string => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
};

/** Signs a certificate; returns PEM. */
export function encodeCertificate(spec: CertificateSpec): string {
  const algorithm = sequence(objectId(oid.ecdsaSha256));
  const { name, key } = spec.issuer;
  const signed = sequence(
    der(version, integer(Buffer.of(2))),
    integer(spec.serial),
    algorithm,
    name instanceof Uint8Array ? name : nameOf(name),
    sequence(time(spec.valid.notBefore), time(spec.valid.notAfter)),
    nameOf(spec.subject),
    publicKeyDer(spec.publicKey),
    der(extensions, sequence(...extensionsOf(spec))),
  );
  return pem('CERTIFICATE', sequence(signed, algorithm, bits(sign('sha256', signed, key))));
}

function nameOf({ commonName, organizations = [] }: ClientIdentity): Buffer {
  const part = (type: string, value: string) => sequence(objectId(type), utf8(value));
  // Several values of one attribute share a set, as Go writes them.
  const groups = organizations.length > 0 ? [organizations.map((o) => part(oid.organization, o))] : [];
  return sequence(...[...groups, [part(oid.commonName, commonName)]].map((group) => setOf(...group)));
}

/** Any short digest of the key will do (RFC 5280, 4.2.1.2). */
const keyIdentifier = (key: KeyObject): Buffer => createHash('sha1').update(publicKeyDer(key)).digest();

function extensionsOf(spec: CertificateSpec): Buffer[] {
  const extension = (id: string, critical: boolean, value: Buffer) =>
    sequence(objectId(id), ...(critical ? [truth(true)] : []), octets(value));
  const usage = spec.usages.reduce((all, name) => all | (keyUsageBits[name] ?? 0), 0);
  const purposes = spec.usages.map((name) => extendedUsageIds[name]).filter((id) => id !== undefined);
  const ascii = (tag: number, names: readonly string[] = []) => names.map((name) => der(tag, Buffer.from(name)));
  const names = [
    ...ascii(nameTags.dns, spec.dnsNames),
    ...ascii(nameTags.email, spec.emails),
    ...(spec.ipAddresses ?? []).map((address) => der(nameTags.ip, addressBytes(address))),
    ...ascii(nameTags.uri, spec.uris),
  ];
  return [
    ...(usage ? [extension(oid.keyUsage, true, namedBits(usage))] : []),
    ...(purposes.length > 0 ? [extension(oid.extendedKeyUsage, false, sequence(...purposes.map(objectId)))] : []),
    extension(oid.basicConstraints, true, sequence(...(spec.authority ? [truth(true)] : []))),
    extension(oid.subjectKeyId, false, octets(keyIdentifier(spec.publicKey))),
    extension(oid.authorityKeyId, false, sequence(der(keyIdentifierTag, keyIdentifier(spec.issuer.key)))),
    ...(names.length > 0 ? [extension(oid.subjectAltName, false, sequence(...names))] : []),
  ];
}

/** The four or sixteen bytes of an address. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.replace(/\d+(\.\d+){3}$/, asGroups).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The IPv4 end of an IPv6 address as two groups. */
const asGroups = (dotted: string): string => {
  const [a, b, c, d] = dotted.split('.').map(Number);
  return `${((a! << 8) | b!).toString(16)}:${((c! << 8) | d!).toString(16)}`;
};

/** The subject of a certificate as it stands in it, DER. */
export function subjectOf(certificatePem: string): Uint8Array {
  const [signed] = partsOf(new X509Certificate(certificatePem).raw);
  // Version, serial number, algorithm, issuer, validity, subject.
  return [...partsOf(signed!)][5]!;
}
