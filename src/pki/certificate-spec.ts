import type { KeyObject } from 'node:crypto';
import type { Name } from '@peculiar/asn1-x509';

/** When a certificate is valid, in milliseconds since the epoch; written with whole seconds. */
export interface Lifetime {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A user of the API: the common name is the user, the organizations are its groups. */
export interface ClientIdentity {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

/** Everything that goes into a certificate. */
export interface CertificateSpec {
  readonly serial: Buffer;
  readonly subject: ClientIdentity | Name;
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
  readonly issuer: { readonly name: ClientIdentity | Name; readonly key: KeyObject };
}
