import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isKeyOf } from './keys.ts';
import { type PemBlock, pemBlocks } from './pem.ts';

/** Whether a certificate and a private key, both in PEM, belong together. Source of the texts: Go, `tls.X509KeyPair`. */

const certificateTexts = {
  nothing: 'tls: failed to find any PEM data in certificate input',
  switched:
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  others:
    'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types:',
};
const keyTexts = {
  nothing: 'tls: failed to find any PEM data in key input',
  switched: 'tls: found a certificate rather than a key in the PEM for the private key',
  others:
    'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types:',
};

function missing(given: readonly PemBlock[], texts: typeof keyTexts, isSwitched: (type: string) => boolean): string {
  const types = given.map(({ type }) => type);
  if (types.length === 0) return texts.nothing;
  if (types.length === 1 && isSwitched(types[0]!)) return texts.switched;
  return `${texts.others} [${types.join(' ')}]`;
}

const orUndefined = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

/** Each type of block names the form of the key in it, as DER. */
const forms: Readonly<Record<string, 'pkcs1' | 'pkcs8' | 'sec1'>> = {
  'PRIVATE KEY': 'pkcs8',
  'RSA PRIVATE KEY': 'pkcs1',
  'EC PRIVATE KEY': 'sec1',
};

function privateKey({ type, der }: PemBlock): KeyObject | undefined {
  const form = Object.hasOwn(forms, type) ? forms[type]! : 'pkcs8';
  return orUndefined(() => createPrivateKey({ key: der, format: 'der', type: form }));
}

/** What is wrong with a pair, or undefined. */
export function keyPairComplaint(certificatePem: string, keyPem: string): string | undefined {
  const certificates = pemBlocks(certificatePem);
  const leaf = certificates.find(({ type }) => type === 'CERTIFICATE');
  if (!leaf) return missing(certificates, certificateTexts, (type) => type.endsWith('PRIVATE KEY'));
  const keys = pemBlocks(keyPem);
  const own = keys.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'));
  if (!own) return missing(keys, keyTexts, (type) => type === 'CERTIFICATE');
  const certified = orUndefined(() => new X509Certificate(leaf.der).publicKey);
  if (!certified) return 'x509: malformed certificate';
  const key = privateKey(own);
  if (!key) return 'tls: failed to parse private key';
  if (key.asymmetricKeyType !== certified.asymmetricKeyType) {
    return 'tls: private key type does not match public key type';
  }
  return isKeyOf(key, certified) ? undefined : 'tls: private key does not match public key';
}
