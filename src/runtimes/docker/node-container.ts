import type { ContainerConfig, EngineInfo } from '../../engine/types.ts';
import type { NodeMachine, NodeSpec } from '../../node/runtime.ts';
import { hostName } from './host-reach.ts';
import { type ClusterIdentity, diskRoot, label, memoryRoot, nodeFolder, nodeLabels } from './names.ts';
import type { ClusterNetwork } from './network.ts';
import { reaper } from './pid-one.ts';

/** Log files are kept small enough for a laptop; upstream's kubelet rotates at the same size. */
export const logConfig = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } };

/** What a node container is: the few capabilities it needs, never `--privileged`, which some engines must refuse. */
export function nodeContainer(
  cluster: ClusterIdentity,
  network: ClusterNetwork,
  image: string,
  spec: NodeSpec,
  address: string,
): ContainerConfig {
  const folders = [diskRoot, memoryRoot].map((root) => nodeFolder(root, cluster.name, spec.name));
  return {
    Image: image,
    Hostname: spec.name,
    Cmd: reaper,
    StopSignal: 'SIGTERM',
    Labels: {
      ...nodeLabels(cluster, spec.name, 'node'),
      [label.podCIDR]: spec.podCIDR,
      [label.address]: address,
    },
    HostConfig: {
      NetworkMode: network.name,
      PidMode: 'host',
      CgroupnsMode: 'host',
      CapAdd: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'SYS_PTRACE'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      Sysctls: { 'net.ipv4.ip_forward': '1' },
      // "Binds" rather than "Mounts": the engine makes the folders on its own disk.
      Binds: folders.map((folder) => `${folder}:${folder}`),
      ExtraHosts: [`${hostName}:host-gateway`],
      RestartPolicy: { Name: 'no' },
      LogConfig: logConfig,
    },
    NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } } },
  };
}

const kubeArchitecture: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' };

/** Pods a node takes, upstream's default. */
const maxPods = '110';

/** What the kubelet reports of the machine. `boot` is the node container's start. */
export function describeMachine(
  spec: NodeSpec,
  address: string,
  info: EngineInfo,
  boot: { readonly containerId: string; readonly startedAt: string; readonly diskBytes: number },
): NodeMachine {
  const resources = {
    cpu: String(info.NCPU),
    memory: `${Math.floor(info.MemTotal / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor(boot.diskBytes / 1024)}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods: maxPods,
  };
  const id = boot.containerId.slice(0, 32);
  const bootId = `${id}@${boot.startedAt}`;
  return {
    name: spec.name,
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: spec.name },
    ],
    capacity: resources,
    allocatable: resources,
    info: {
      machineID: id,
      systemUUID: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-'),
      bootID: bootId,
      kernelVersion: info.KernelVersion,
      osImage: info.OperatingSystem,
      architecture: kubeArchitecture[info.Architecture] ?? info.Architecture,
      operatingSystem: info.OSType,
    },
    bootId,
  };
}
