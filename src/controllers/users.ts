import type { UserInfo } from '../client/call.ts';

/** Who the shared informers read as, and who the controllers write as that upstream gives no account of their own. */
export const managerUser: UserInfo = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };

/** Who the controllers write as that upstream runs within kube-apiserver. */
export const apiServerUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

/** The user that a controller's service account in kube-system is. */
export function controllerUser(account: string): UserInfo {
  return {
    name: `system:serviceaccount:kube-system:${account}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  };
}
