import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** How values are written to rows. */
export interface RowCodec {
  encode(resource: string, key: string, value: Buffer): Buffer;
  /** Throws when the value was not written by this codec for this key. */
  decode(key: string, value: Buffer): Buffer;
}

/** Values as they are: for logs that never leave memory. */
export const plainCodec: RowCodec = {
  encode: (_resource, _key, value) => value,
  decode: (_key, value) => value,
};

/** First byte of an encrypted value. A plain one begins with `{`. */
const sealed = 0x01;
const nonceLength = 12;
const tagLength = 16;
export const keyLength = 32;

/** AES-256-GCM over the values of some resources, bound to the row's key so that no value can pose as another's. */
export class SealingCodec implements RowCodec {
  readonly #key: Buffer;
  readonly #resources: ReadonlySet<string>;

  constructor(key: Buffer, resources: ReadonlySet<string>) {
    this.#key = key;
    this.#resources = resources;
  }

  encode(resource: string, key: string, value: Buffer): Buffer {
    if (!this.#resources.has(resource)) return value;
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(key));
    return Buffer.concat([Buffer.of(sealed), nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }

  decode(key: string, value: Buffer): Buffer {
    if (value[0] !== sealed) return value;
    const body = value.length - tagLength;
    const nonce = value.subarray(1, 1 + nonceLength);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(key));
    decipher.setAuthTag(value.subarray(body));
    return Buffer.concat([decipher.update(value.subarray(1 + nonceLength, body)), decipher.final()]);
  }
}
