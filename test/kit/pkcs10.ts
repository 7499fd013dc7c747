import { execFileSync } from 'node:child_process';

export interface Pkcs10Options {
  /** What openssl's -newkey takes; a P-256 key unless given. */
  readonly newKey?: readonly string[];
  /** Where the private key goes; nowhere unless given. */
  readonly keyFile?: string;
  /** Further options of `openssl req`. */
  readonly extra?: readonly string[];
}

const p256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** A request for a certificate, PEM, made by openssl, as users make them. */
export function pkcs10(
  subject: string,
  { newKey = p256, keyFile = '/dev/null', extra = [] }: Pkcs10Options = {},
): string {
  const asked = ['req', '-new', '-newkey', ...newKey, '-nodes', '-keyout', keyFile, '-subj', subject, ...extra];
  return execFileSync('openssl', asked, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
