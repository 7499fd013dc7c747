import type { UserInfo } from '../client/call.ts';

/** Who the controllers write as that upstream runs within kube-apiserver. */
export const apiServerUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

/** Their names. They are part of the API server: --controllers does not choose among them, they always run. */
export const serverControllers: readonly string[] = ['ipallocator-repair-controller'];
