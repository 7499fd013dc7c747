import type { KubeletNode } from '../kubelet/contract.ts';
import type { ClusterSettings } from './settings.ts';

/** The ranges a cluster lives in. */
export type Subnets = ClusterSettings['subnets'];

/** The Service range of every cluster that does not say otherwise, upstream's usual one. */
export const serviceRange = '10.96.0.0/16';

/** Ranges of a cluster without containers: nothing routes them, so they cannot clash. Wide enough for 16,384 nodes. */
export const simulatedSubnets: Subnets = { nodes: '', pods: '10.128.0.0/10', services: serviceRange };

const toNumber = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** The address `offset` into a range. */
export const addressIn = (cidr: string, offset: number) => toAddress(toNumber(cidr.split('/')[0]!) + offset);

/** `default/kubernetes` and `kube-system/kube-dns` have these places in the Service range. */
export const kubernetesOffset = 1;
export const dnsOffset = 10;

/** Addresses of one node's pods: a /24 each. */
const podsPerNode = 256;

/** Names ("node-1", or with another prefix) and pod ranges of the first `count` nodes. Throws when the range has no room for so many. */
export function nodePlaces(count: number, pods: string, prefix = 'node'): { name: string; podCIDR: string }[] {
  const room = 2 ** (32 - Number(pods.split('/')[1])) / podsPerNode;
  if (count > room) throw new Error(`${count} nodes do not fit: the pod range ${pods} has room for ${room}`);
  return Array.from({ length: count }, (_, i) => ({
    name: `${prefix}-${i + 1}`,
    podCIDR: `${addressIn(pods, i * podsPerNode)}/24`,
  }));
}

/** All nodes a cluster is made with. The simulated ones beside others have a range of their own, which nothing routes. */
export function clusterNodes(settings: ClusterSettings, pods: string): KubeletNode[] {
  const { nodes, runtime, simulatedNodes = 0, nodeTemplate: template } = settings;
  const like = (kind: KubeletNode['runtime']) => ({
    runtime: kind,
    ...(kind === 'simulated' && template && { template }),
  });
  return [
    ...nodePlaces(nodes, pods).map((place) => ({ ...place, ...like(runtime) })),
    ...nodePlaces(simulatedNodes, besides(pods), 'sim').map((place) => ({ ...place, ...like('simulated') })),
  ];
}

const besides = (pods: string): string => (pods === simulatedSubnets.pods ? '10.192.0.0/10' : simulatedSubnets.pods);
