import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { PodCertificateRequestSpec } from '../../api/types/certificates-v1beta1.gen.ts';
import { requestKey } from '../../pki/pem-checks.ts';

/** The keys that pods ask certificates for. Source: certificates/validation. */

export const bytesOf = (base64: string | undefined): Buffer => Buffer.from(base64 ?? '', 'base64');

/** The key of a request, by itself or in a PKCS #10 request; undefined when it cannot be read. */
export function subjectKey({ pkixPublicKey, stubPKCS10Request }: PodCertificateRequestSpec): KeyObject | undefined {
  if (stubPKCS10Request) return requestKey(bytesOf(stubPKCS10Request));
  try {
    return createPublicKey({ key: bytesOf(pkixPublicKey), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

const curves: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1'];
const moduli: readonly (number | undefined)[] = [3072, 4096];

/** What is wrong with a key, and what of it to show; undefined for one of those that are known. */
export function keyProblem(key: KeyObject, shown: unknown): readonly [shown: unknown, problem: string] | undefined {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return undefined;
    case 'ec':
      if (curves.includes(namedCurve)) return undefined;
      return [`curve ${namedCurve}`, 'elliptic public keys must use curve P256 or P384'];
    case 'rsa':
      if (moduli.includes(modulusLength)) return undefined;
      return [`${modulusLength}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096'];
    default:
      return [shown, 'unknown public key type; supported types are Ed25519, ECDSA, and RSA'];
  }
}

/** Whether a signature over this text was made with the private half of a key. */
export function isSignedBy(key: KeyObject, text: string, signature: Buffer): boolean {
  const data = Buffer.from(text);
  try {
    if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, signature);
    if (key.asymmetricKeyType === 'ec') return verify('sha256', data, key, signature);
    // Go signs without options: the salt may be of any length.
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
    return verify('sha256', data, { key, ...padding }, signature);
  } catch {
    return false;
  }
}
