import type { Namespace, ServiceAccount } from '../../api/types/core-v1.gen.ts';

/** Whether a namespace that lives on is without its default account. */
export function lacksDefaultAccount(namespace: Namespace | undefined, account: ServiceAccount | undefined): boolean {
  return namespace !== undefined && !namespace.metadata.deletionTimestamp && account === undefined;
}
