import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { pemBlocks } from './pem.ts';
import { signatureHashes } from './signature-hashes.ts';

/**
 * What is wrong with requests and certificates that clients send, in Go's words where they are ours to know. Only as much
 * DER is read as the proof needs, so that checking a request does not load the whole X.509 library.
 */

/** One DER element: its tag, and where all of it and its content lie. */
interface Element {
  readonly tag: number;
  readonly from: number;
  readonly content: number;
  readonly to: number;
}

const sequence = 0x30;
const integer = 0x02;
const bitString = 0x03;
const objectId = 0x06;
const malformed = 'x509: malformed certificate request';

function elementAt(der: Buffer, from: number, tag: number): Element {
  let length = der[from + 1];
  let content = from + 2;
  if (length !== undefined && length > 0x80) {
    const bytes = length & 0x7f;
    if (bytes > 4) throw new RangeError(malformed);
    length = content + bytes <= der.length ? der.readUIntBE(content, bytes) : undefined;
    content += bytes;
  }
  const to = content + (length ?? Number.NaN);
  if (der[from] !== tag || !(to <= der.length)) throw new RangeError(malformed);
  return { tag, from, content, to };
}

/** The dotted text of an object identifier. */
function dotted(bytes: Buffer): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of bytes) {
    part = part * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (parts.length === 0) parts.push(Math.min(2, Math.floor(part / 40)));
    parts.push(parts.length === 1 && part < 120 ? part - parts[0]! * 40 : part);
    part = 0;
  }
  return parts.join('.');
}

const failures: Readonly<Record<string, string>> = {
  ec: 'x509: ECDSA verification failure',
  rsa: 'crypto/rsa: verification error',
  ed25519: 'x509: Ed25519 verification failure',
};

function proven(hash: string | null, signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    // A key or signature of another kind than it says.
    return false;
  }
}

/** The parts of a PKCS #10 request. Throws on bytes that are none. */
function requestParts(der: Buffer) {
  const request = elementAt(der, 0, sequence);
  const info = elementAt(der, request.content, sequence);
  const version = elementAt(der, info.content, integer);
  const subject = elementAt(der, version.to, sequence);
  const key = elementAt(der, subject.to, sequence);
  const algorithm = elementAt(der, info.to, sequence);
  const id = elementAt(der, algorithm.content, objectId);
  const signature = elementAt(der, algorithm.to, bitString);
  return {
    hash: signatureHashes[dotted(der.subarray(id.content, id.to))],
    signed: der.subarray(info.from, info.to),
    publicKey: createPublicKey({ key: der.subarray(key.from, key.to), format: 'der', type: 'spki' }),
    // The first byte of a bit string counts unused bits: none here.
    signature: der.subarray(signature.content + 1, signature.to),
  };
}

/** The key that a PKCS #10 request asks a certificate for; undefined for bytes that are none. */
export function requestKey(der: Buffer): KeyObject | undefined {
  try {
    return requestParts(der).publicKey;
  } catch {
    return undefined;
  }
}

/** Whether a PKCS #10 request is signed with the key it names; the problem if not. Throws on bytes that are none. */
export function signatureProblem(der: Buffer): string | undefined {
  const { hash, signed, publicKey, signature } = requestParts(der);
  if (hash === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  const good = proven(hash, signed, publicKey, signature);
  return good ? undefined : (failures[publicKey.asymmetricKeyType ?? ''] ?? 'x509: verification failure');
}

/** What is wrong with a PEM certificate request, undefined when it is well-formed and proves its key. */
export function requestProblem(pem: string): string | undefined {
  const block = pemBlocks(pem)[0];
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
  try {
    return signatureProblem(block.der);
  } catch {
    return malformed;
  }
}

/** What is wrong with PEM certificates, undefined when there is at least one and nothing else. */
export function certificatesProblem(pem: string): string | undefined {
  const blocks = pemBlocks(pem);
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const { type, hasHeaders, der } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(der);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return undefined;
}
