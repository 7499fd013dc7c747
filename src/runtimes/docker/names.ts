import type { ContainerInspect } from '../../engine/types.ts';
import type { PodIdentity } from '../../node/runtime.ts';

/**
 * Names and labels of everything krill makes in the engine. All recovery reads labels; names are deterministic so
 * that making something twice meets itself. Never `k8s_` names or `io.kubernetes.*` labels: another kubelet on the
 * same engine would delete ours.
 */
export const label = {
  cluster: 'krill.cluster',
  /** Tells a cluster from an earlier one of the same name. */
  clusterUid: 'krill.cluster-uid',
  role: 'krill.role',
  node: 'krill.node',
  podCIDR: 'krill.pod-cidr',
  /** A node's address on the cluster network, or a pod's in its node's range. */
  address: 'krill.address',
  podNamespace: 'krill.pod.namespace',
  podName: 'krill.pod.name',
  podUid: 'krill.pod.uid',
  container: 'krill.container',
  attempt: 'krill.attempt',
  /** "pod" or "node": whose network namespace the pod uses. */
  network: 'krill.network',
  /** "pod", "node" or "" (each container its own): whose process ids the containers see. */
  processes: 'krill.processes',
  ipc: 'krill.ipc',
  hostPorts: 'krill.host-ports',
  /** Of the pod's network namespace, as JSON. */
  sysctls: 'krill.sysctls',
  /** Labels of the caller, as JSON. */
  own: 'krill.own',
} as const;

export type Role = 'node' | 'sandbox' | 'container';

/** Which cluster a name or label belongs to. */
export interface ClusterIdentity {
  readonly name: string;
  readonly uid: string;
}

export const networkName = (cluster: string) => `krill-${cluster}`;
export const nodeContainerName = (cluster: string, node: string) => `krill_${cluster}_node_${node}`;
export const sandboxName = (cluster: string, podUid: string, attempt: number) =>
  `krill_${cluster}_${podUid}_POD_${attempt}`;
export const containerName = (cluster: string, podUid: string, name: string, attempt: number) =>
  `krill_${cluster}_${podUid}_${name}_${attempt}`;
export const volumeName = (cluster: string, podUid: string, volume: string) => `krill_${cluster}_${podUid}_${volume}`;

/** The node's end of a pod's cable. One per address, so a stale one is found by whoever gets the address next. */
export function vethName(address: string): string {
  return `kp${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}`;
}

/** A pod's hardware address, made of its network address. */
export function podMac(address: string): string {
  return `02:4b:${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;
}

/** Labels every container of a node carries. */
export function nodeLabels(cluster: ClusterIdentity, node: string, role: Role): Record<string, string> {
  return { [label.cluster]: cluster.name, [label.clusterUid]: cluster.uid, [label.node]: node, [label.role]: role };
}

/** Labels every container of a pod carries. */
export function podLabels(cluster: ClusterIdentity, node: string, role: Role, pod: PodIdentity) {
  return {
    ...nodeLabels(cluster, node, role),
    [label.podNamespace]: pod.namespace,
    [label.podName]: pod.name,
    [label.podUid]: pod.uid,
  };
}

/** The pod a container belongs to, from its labels. */
export function podOf(labels: Readonly<Record<string, string>>): PodIdentity {
  return {
    namespace: labels[label.podNamespace] ?? '',
    name: labels[label.podName] ?? '',
    uid: labels[label.podUid] ?? '',
  };
}

export const labelsOf = (inspected: ContainerInspect): Readonly<Record<string, string>> =>
  inspected.Config.Labels ?? {};

/** Folders of a cluster on the engine's host: on disk, and in memory. */
export const diskRoot = '/var/lib/krill';
export const memoryRoot = '/dev/shm/krill';
export const nodeFolder = (root: string, cluster: string, node: string) => `${root}/${cluster}/${node}`;
/** Of a node, or of all: no node's name begins with a dot. */
export const volumesFolder = (cluster: string, node: string | undefined) =>
  node === undefined ? `${diskRoot}/${cluster}/.volumes` : `${nodeFolder(diskRoot, cluster, node)}/volumes`;
export const podFolder = (root: string, cluster: string, node: string, podUid: string) =>
  `${root}/${cluster}/${node}/pods/${podUid}`;

/** Where a pod's containers are accounted. `*.slice` names nest by their dashes under systemd, hence the escapes. */
export function cgroupParent(driver: string, cluster: string, node: string, podUid: string): string {
  if (driver !== 'systemd') return `/krill/${cluster}/${node}/${podUid}`;
  const flat = (text: string) => text.replaceAll('-', '_');
  return `krill-${flat(cluster)}-${flat(node)}-${flat(podUid)}.slice`;
}

/** Where a parent's group lies, relative to the root of the hierarchy: systemd nests slices by the dashes of their names. */
export function cgroupFolder(driver: string, parent: string): string {
  if (driver !== 'systemd') return parent;
  const parts = parent.replace(/\.slice$/, '').split('-');
  return `/${parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')}`;
}

/** Where the engine puts a container below its parent. */
export function cgroupPath(driver: string, parent: string, containerId: string): string {
  const folder = cgroupFolder(driver, parent);
  return driver === 'systemd' ? `${folder}/docker-${containerId}.scope` : `${folder}/${containerId}`;
}
