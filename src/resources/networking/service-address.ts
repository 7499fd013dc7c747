import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import type { IPAddress } from '../../api/types/networking-v1.gen.ts';
import { addressFamily } from '../rules/addresses.ts';

/** The ServiceCIDR that every cluster has. */
export const defaultServiceCIDR = 'kubernetes';

const familyLabel = 'ipaddress.kubernetes.io/ip-family';
const managedByLabel = 'ipaddress.kubernetes.io/managed-by';

/** Who makes the IPAddress objects of Services. */
const allocator = 'ipallocator.k8s.io';

const labelsOf = (name: string) => ({
  [familyLabel]: addressFamily(name) === 6 ? 'IPv6' : 'IPv4',
  [managedByLabel]: allocator,
});

/** The object that says that a Service has a cluster IP. Source: repairip.go, newIPAddress. */
export function serviceAddress(name: string, { metadata }: Pick<KubeObject, 'metadata'>) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name, labels: labelsOf(name) },
    spec: { parentRef: { resource: 'services', namespace: metadata.namespace!, name: metadata.name! } },
  };
}

/** Whether the allocator of Services made it, and not some other user of addresses. */
export const isAllocated = ({ metadata }: IPAddress): boolean => metadata.labels?.[managedByLabel] === allocator;

/** Whether it belongs to some Service. */
export const refersToService = ({ spec }: IPAddress): boolean =>
  (spec?.parentRef?.group ?? '') === '' && spec?.parentRef?.resource === 'services';

/** Whether it belongs to this Service. */
export const isServiceAddress = (address: IPAddress, { namespace, name }: ObjectMeta): boolean =>
  refersToService(address) &&
  address.spec?.parentRef?.namespace === namespace &&
  address.spec?.parentRef?.name === name;

/** Whether it is marked as the allocator marks its own. */
export const isMarked = ({ metadata }: IPAddress): boolean =>
  Object.entries(labelsOf(metadata.name!)).every(([label, value]) => metadata.labels?.[label] === value);
