import { join } from 'node:path';
import type { ContainerConfig, EngineInfo, HostConfig, MountConfig } from '../../engine/types.ts';
import type { ContainerSecurity, ContainerSpec, LinuxResources, Mount, SandboxSpec } from '../../node/runtime.ts';
import { type ClusterIdentity, label, podLabels, volumeName } from './names.ts';
import { logConfig } from './node-container.ts';
import { inOwnNetwork, reaper, sleeper } from './pid-one.ts';

/** What the containers of a cluster have in common. */
export interface PodContext {
  readonly cluster: ClusterIdentity;
  readonly nodeImage: string;
  /** The engine's folder for volumes, to reach inside a volume in memory. */
  readonly volumesFolder: string;
  cgroupParent(node: string, podUid: string): string;
  /** That parent's place below the root of the hierarchy. */
  cgroupFolder(node: string, podUid: string): string;
  /** Whether sandboxes make their network namespaces themselves; see `sandboxNetwork`. */
  ownNetworks: boolean;
}

/** Engines that cannot lend the host's namespaces, and so cannot run sandboxes that make their own. */
export function allowsOwnNetworks(info: EngineInfo): boolean {
  const remapped = (info.SecurityOptions ?? []).some((option) => /name=(userns|rootless)/.test(option));
  return info.OSType === 'linux' && !remapped;
}

/**
 * A network namespace made by the engine costs 76 ms and as much machine time as a whole container. So the sandbox
 * starts in the host's and leaves it for one of its own at once, before anything else is in it; the engine joins app
 * containers to the namespace the sandbox's process is in. That is why it keeps one capability. Wiring refuses to go
 * on while the namespace is still the host's.
 */
function sandboxNetwork(context: PodContext, spec: SandboxSpec, nodeId: string, command: readonly string[]) {
  if (spec.hostNetwork) return { mode: `container:${nodeId}`, command, capabilities: [] };
  if (!context.ownNetworks) return { mode: 'none', command, capabilities: [] };
  return { mode: 'host', command: inOwnNetwork(command), capabilities: ['SYS_ADMIN'] };
}

/** Sysctls of the network namespace are set by the node's shell; the engine sets the others. */
export const isNetworkSysctl = (name: string) => name.startsWith('net.');

/** The sandbox: holds the pod's namespaces, address, cgroup and volumes in memory while its containers come and go. */
export function sandboxConfig(
  context: PodContext,
  spec: SandboxSpec,
  address: string,
  nodeId: string,
): ContainerConfig {
  const { cluster } = context;
  const shareProcesses = spec.shareProcessNamespace && !spec.hostPID;
  const network = sandboxNetwork(context, spec, nodeId, shareProcesses ? reaper : sleeper);
  const sysctls = Object.entries(spec.sysctls);
  return {
    Image: context.nodeImage,
    // The engine takes no host name for a container in another's network namespace: it has the node's, as upstream.
    ...(!spec.hostNetwork && { Hostname: spec.hostname }),
    Cmd: network.command,
    StopSignal: 'SIGKILL',
    Labels: {
      ...podLabels(cluster, spec.node, 'sandbox', spec.pod),
      [label.attempt]: String(spec.attempt),
      [label.address]: address,
      [label.network]: spec.hostNetwork ? 'node' : 'pod',
      [label.processes]: spec.hostPID ? 'node' : shareProcesses ? 'pod' : '',
      [label.ipc]: spec.hostIPC ? 'node' : 'pod',
      [label.sysctls]: JSON.stringify(Object.fromEntries(sysctls.filter(([name]) => isNetworkSysctl(name)))),
      [label.hostPorts]: JSON.stringify(spec.hostNetwork ? [] : spec.hostPorts),
    },
    HostConfig: {
      NetworkMode: network.mode,
      IpcMode: spec.hostIPC ? 'host' : 'shareable',
      ...(spec.hostPID && { PidMode: 'host' }),
      CgroupParent: context.cgroupParent(spec.node, spec.pod.uid),
      CapDrop: ['ALL'],
      CapAdd: network.capabilities,
      Sysctls: Object.fromEntries(sysctls.filter(([name]) => !isNetworkSysctl(name))),
      Mounts: spec.mounts.map((mount) => mountConfig(context, spec.pod.uid, mount)),
      RestartPolicy: { Name: 'no' },
      LogConfig: logConfig,
    },
  };
}

/** How the containers of a pod share namespaces; told by the sandbox's labels. */
export interface SandboxShape {
  readonly id: string;
  readonly nodeId: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function appConfig(
  context: PodContext,
  spec: ContainerSpec,
  sandbox: SandboxShape,
  terminationLog: string | undefined,
  seccompProfile: string | undefined,
): ContainerConfig {
  const shared = (key: string) => sandbox.labels[key];
  const mounts = spec.mounts.map((mount) => mountConfig(context, spec.pod.uid, mount));
  if (terminationLog && spec.terminationMessagePath) {
    mounts.push({ Type: 'bind', Source: terminationLog, Target: spec.terminationMessagePath });
  }
  const processes = shared(label.processes);
  const ownHost: HostConfig = {
    NetworkMode: `container:${shared(label.network) === 'node' ? sandbox.nodeId : sandbox.id}`,
    IpcMode: shared(label.ipc) === 'node' ? 'host' : `container:${sandbox.id}`,
    ...(processes === 'node' && { PidMode: 'host' }),
    ...(processes === 'pod' && { PidMode: `container:${sandbox.id}` }),
    CgroupParent: context.cgroupParent(spec.node, spec.pod.uid),
    Mounts: mounts,
    RestartPolicy: { Name: 'no' },
    LogConfig: logConfig,
  };
  return {
    Image: spec.image,
    ...(spec.command && { Entrypoint: spec.command }),
    ...argumentsOf(spec),
    Env: spec.env.map(({ name, value }) => `${name}=${value}`),
    ...(spec.workingDir && { WorkingDir: spec.workingDir }),
    ...userOf(spec.security),
    Tty: spec.tty,
    OpenStdin: spec.stdin,
    StdinOnce: spec.stdinOnce,
    ...(spec.stopSignal && { StopSignal: spec.stopSignal }),
    Labels: {
      ...podLabels(context.cluster, spec.node, 'container', spec.pod),
      [label.container]: spec.name,
      [label.attempt]: String(spec.attempt),
      [label.own]: JSON.stringify(spec.labels),
    },
    HostConfig: { ...ownHost, ...limits(spec.resources), ...security(spec.security, seccompProfile) },
  };
}

/** A command without args runs alone: the image's own arguments are for the image's own entry point. */
function argumentsOf(spec: ContainerSpec): Pick<ContainerConfig, 'Cmd'> {
  if (spec.args) return { Cmd: spec.args };
  return spec.command ? { Cmd: [] } : {};
}

function userOf({ runAsUser, runAsGroup }: ContainerSecurity): Pick<ContainerConfig, 'User'> {
  if (runAsUser === undefined) return {};
  return { User: runAsGroup === undefined ? String(runAsUser) : `${runAsUser}:${runAsGroup}` };
}

/** Memory and swap are set together: a limit on memory alone would leave swap beside it. */
export function limits(resources: LinuxResources): HostConfig {
  const { memoryBytes, cpuShares, cpuQuota, cpuPeriod, oomScoreAdj } = resources;
  return {
    ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(cpuShares !== undefined && { CpuShares: cpuShares }),
    ...(cpuQuota !== undefined && { CpuQuota: cpuQuota, CpuPeriod: cpuPeriod ?? 100_000 }),
    // Engines without CAP_SYS_RESOURCE refuse to lower it.
    ...(oomScoreAdj !== undefined && oomScoreAdj > 0 && { OomScoreAdj: oomScoreAdj }),
  };
}

function security(of: ContainerSecurity, seccompProfile: string | undefined): HostConfig {
  const options: string[] = [];
  if (!of.allowPrivilegeEscalation && !of.privileged) options.push('no-new-privileges');
  if (of.seccomp?.type === 'Unconfined') options.push('seccomp=unconfined');
  if (seccompProfile !== undefined) options.push(`seccomp=${seccompProfile}`);
  if (of.apparmor?.type === 'Unconfined') options.push('apparmor=unconfined');
  if (of.apparmor?.type === 'Localhost') options.push(`apparmor=${of.apparmor.localhostProfile}`);
  return {
    Privileged: of.privileged,
    ReadonlyRootfs: of.readOnlyRootFilesystem,
    GroupAdd: of.supplementalGroups.map(String),
    CapAdd: of.addCapabilities,
    CapDrop: of.dropCapabilities,
    ...(options.length > 0 && { SecurityOpt: options }),
  };
}

const propagation = { None: 'rprivate', HostToContainer: 'rslave', Bidirectional: 'rshared' } as const;

function mountConfig(context: PodContext, podUid: string, mount: Mount): MountConfig {
  const common = { Target: mount.containerPath, ReadOnly: mount.readOnly };
  if (mount.source.type === 'path') {
    const how = { Propagation: propagation[mount.propagation ?? 'None'] };
    return { ...common, Type: 'bind', Source: mount.source.path, BindOptions: how };
  }
  const { volume, sizeBytes } = mount.source;
  const name = volumeName(context.cluster.name, podUid, volume);
  if (mount.subPath) {
    // The sandbox holds the volume mounted on the engine's host, so a part of it can be bound from there.
    return { ...common, Type: 'bind', Source: join(context.volumesFolder, name, '_data', mount.subPath) };
  }
  const o = ['mode=1777', ...(sizeBytes ? [`size=${sizeBytes}`] : [])].join(',');
  return {
    ...common,
    Type: 'volume',
    Source: name,
    VolumeOptions: {
      NoCopy: true,
      Labels: { [label.cluster]: context.cluster.name, [label.podUid]: podUid },
      DriverConfig: { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs', o } },
    },
  };
}
