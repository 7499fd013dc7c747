import { StatusError } from '../../api/status.ts';
import { dialText } from '../../node/dial-text.ts';
import type { WebhookAddress } from './webhook-target.ts';

/** What goes wrong between the API server and a webhook, in the words of upstream's HTTP client. */

const untrusted = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';

const certificateTexts: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
};

/** Why a webhook could not be reached. */
export function failureText(address: WebhookAddress, error: unknown): string {
  if (error instanceof StatusError) return error.message;
  const { code = '', message } = error as { code?: string; message?: string };
  const known = certificateTexts[code];
  if (known) return known;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `tls: failed to verify certificate: x509: certificate is not valid for ${address.serverName}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${address.serverName}: no such host`;
  if (code === 'EPROTO' && message?.includes('wrong version number'))
    return 'http: server gave HTTP response to HTTPS client';
  const { host, port } = new URL(address.url);
  return dialText(port ? host : `${host}:443`, error);
}
