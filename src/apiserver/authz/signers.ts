import type { UserInfo } from '../../client/call.ts';
import type { Authorizer } from './authorizer.ts';

/**
 * Whether a user may do this with requests for a signer: for the signer by name, or for all of its domain as
 * "example.com/*". Source: pkg/certauthorization.
 */
export function mayForSigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: 'approve' | 'attest' | 'sign',
  signer: string,
): boolean {
  const may = (name: string) =>
    authorizer.allowed(user, {
      verb,
      group: 'certificates.k8s.io',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
    });
  return may(signer) || may(`${signer.split('/')[0]}/*`);
}
