import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, link, open, readFile, rename, rm, stat } from 'node:fs/promises';

/** Makes an EC P-256 key; takes well under a millisecond. */
export function generateKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** PKCS #8 PEM, which Go, OpenSSL and Java all read. */
export const privateKeyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

/** Reads a private key of any kind from PEM. Throws when there is none in it. */
export const importPrivateKey = (pem: string): KeyObject => createPrivateKey(pem);

export const publicKeyOf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key);

/** The DER SubjectPublicKeyInfo of a key. */
export const publicKeyDer = (key: KeyObject): Buffer => publicKeyOf(key).export({ type: 'spki', format: 'der' });

/** The key id of tokens and JWKS: base64url of the SHA-256 of the public key, as kube-apiserver derives it. */
export const keyId = (key: KeyObject): string => createHash('sha256').update(publicKeyDer(key)).digest('base64url');

/** Whether a certificate was made for this private key. */
export const isKeyOf = (key: KeyObject, certificateKey: KeyObject): boolean =>
  publicKeyOf(key).equals(publicKeyOf(certificateKey));

/** Writes a file only its owner may read, so that a crash leaves the old one or the new one. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await writeDraft(draft, text);
  await rename(draft, path);
}

let drafts = 0;

/** As `writeSecretFile`, but leaves a file that is there already, even one that another process makes meanwhile. */
export async function createSecretFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.${drafts++}`;
  await writeDraft(draft, text);
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(path, 0o600);
}

/** Reads a file only its owner may read; undefined when there is none. Throws when others may read it. */
export async function readSecretFile(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(`${path} holds a private key and must be readable by its owner only: chmod 600 ${path}`);
  }
  return text;
}

/** The private key in a file, made and written on first use. */
export async function keyFile(path: string): Promise<KeyObject> {
  const pem = await readSecretFile(path);
  if (pem !== undefined) return importPrivateKey(pem);
  const key = generateKey();
  await writeSecretFile(path, privateKeyPem(key));
  return key;
}
