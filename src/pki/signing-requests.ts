import type { Ids } from '../base/ids.ts';
import type { Lifetime } from './certificate-spec.ts';
import { issue, type KeyedCertificate } from './certificates.ts';
import { pemBlocks } from './pem.ts';
import type { DecodedRequest } from './x509.ts';

export type { DecodedRequest } from './x509.ts';

/** The bytes in `spec.request` do not begin with a PEM block with a well-formed, self-signed PKCS #10 request. */
export class BadRequestPem extends Error {}

const labels = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'];

/** Reads a PEM certificate request. Throws `BadRequestPem`; a wrong signature is the caller's to judge. */
export async function readSigningRequest(pem: string): Promise<DecodedRequest> {
  // Text around the block is nobody's business, as to Go, which accepted the request.
  const [block] = pemBlocks(pem);
  if (!block || !labels.includes(block.type)) throw new BadRequestPem('PEM block type must be CERTIFICATE REQUEST');
  const { decodeRequest } = await import('./x509.ts');
  try {
    return decodeRequest(block.der);
  } catch (error) {
    throw new BadRequestPem(`the certificate request cannot be parsed: ${(error as Error).message}`, { cause: error });
  }
}

/** Issues what a request asks for, with the usages that were approved. */
export async function signRequest(
  authority: KeyedCertificate,
  request: DecodedRequest,
  usages: readonly string[],
  valid: Lifetime,
  ids: Ids,
): Promise<string> {
  if (!request.signatureValid) throw new BadRequestPem('the certificate request is not signed with its own key');
  const { name, dnsNames, ipAddresses, emails, uris, publicKey } = request;
  return issue(authority, ids, { subject: name, dnsNames, ipAddresses, emails, uris, publicKey, usages, valid });
}
