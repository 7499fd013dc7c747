import type { Readable } from 'node:stream';
import type { Pod, Taint } from '../api/types/core-v1.gen.ts';
import type { StreamedProcess } from '../stream/process.ts';
import type { AttachOptions, Dialer, ExecOptions, LogOptions } from './gateway.ts';
import type { NodeStats } from './usage.ts';

/**
 * What runs pods. `docker` and `simulated` implement it; the kubelet's podWorker drives it and holds no state of its
 * own that a restart would lose: everything is found again through `list`.
 *
 * One Runtime serves every node of its kind in the cluster. All methods are idempotent on their deterministic names:
 * starting what runs, or removing what is gone, succeeds.
 */
export interface Runtime extends Dialer {
  readonly name: 'docker' | 'simulated';
  /** Shown as Node.status.nodeInfo. */
  readonly containerRuntimeVersion: string;
  /** Whether containers really run, so that volumes, env and probes matter. The kubelet skips that work where it is false. */
  readonly runsProcesses: boolean;

  /** Starts or repairs a node's machine (container, network, programming) and says what it is. */
  ensureNode(node: NodeSpec, signal: AbortSignal): Promise<NodeMachine>;
  /** Removes the machine and everything that ran on it. */
  removeNode(name: string, signal: AbortSignal): Promise<void>;

  /** All sandboxes and containers on a node, dead ones too, from labels alone. */
  list(node: string, signal: AbortSignal): Promise<readonly SandboxState[]>;
  /**
   * Only of runtimes that keep nothing themselves: gives back what the API remembers of a pod after a restart of krill,
   * before the pod's worker starts.
   */
  restore?(sandbox: SandboxState): void;
  /**
   * Only of runtimes without processes: the container ends by itself `after` so many milliseconds from now, as `exitCode`
   * says; undefined takes that back.
   */
  direct?(node: string, containerId: string, end: ContainerEnd | undefined): void;
  /** What changed on any node. Returns how to unsubscribe. Events are hints: `list` and `inspect` are the truth. */
  events(sink: (event: RuntimeEvent) => void): () => void;

  /** Makes and wires the sandbox of a pod; a live one of the same attempt is adopted. */
  startSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<SandboxState>;
  /** Ends a sandbox and frees its address and ports. Its dead containers and their logs stay; running ones are killed. */
  stopSandbox(node: string, sandboxId: string, signal: AbortSignal): Promise<void>;
  /** Removes a sandbox and whatever containers still use it. */
  removeSandbox(node: string, sandboxId: string, signal: AbortSignal): Promise<void>;

  /** Creates and starts a container; resolves when it runs (or has already ended). Throws `StartError`. */
  startContainer(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerState>;
  /** Asks it to end (stopSignal), waits `graceSeconds`, then kills it. Resolves with its final state. */
  stopContainer(node: string, containerId: string, graceSeconds: number, signal: AbortSignal): Promise<ContainerState>;
  removeContainer(node: string, containerId: string, signal: AbortSignal): Promise<void>;
  inspect(node: string, containerId: string, signal: AbortSignal): Promise<ContainerState | undefined>;

  exec(node: string, containerId: string, options: ExecOptions, signal: AbortSignal): Promise<StreamedProcess>;
  /** Joins a container's first process. One that has ended can be joined only for what it has said. */
  attach(node: string, containerId: string, options: AttachOptions, signal: AbortSignal): Promise<StreamedProcess>;
  /** The container's output, formatted as PodLogOptions ask. */
  logs(node: string, containerId: string, options: LogOptions, signal: AbortSignal): Promise<Readable>;
  /** What a node and its running containers use. `pods` are those the kubelet has there: a runtime that measures nothing goes by them. */
  stats(node: string, pods: readonly Pod[], signal: AbortSignal): Promise<NodeStats>;

  readonly images: Images;
  /** Absent where nothing is kept. */
  readonly folders?: HostFolders;
  /** An image with a POSIX shell and its tools that every node has, for the chores of controllers. */
  readonly shellImage?: string;
  /** The folder tree of one pod on the engine's host. */
  files(node: string, podUid: string): PodFiles;
}

export interface NodeSpec {
  readonly name: string;
  /** The node's share of the pod range, e.g. "10.244.1.0/24". */
  readonly podCIDR: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What a simulated node is to claim; others have machines that say what they are. */
  readonly template?: NodeTemplate;
  /** Somebody else makes its Node object, and it goes when that goes. */
  readonly adopted?: boolean;
}

/** What a simulated node claims to be; what is left out is the runtime's to say. Quantities are Kubernetes quantity strings. */
export interface NodeTemplate {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly capacity?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly addresses?: NodeMachine['addresses'];
  /** Of Node.status.nodeInfo. */
  readonly info?: Partial<NodeMachine['info']>;
}

/** What a node turned out to be. Quantities are Kubernetes quantity strings. */
export interface NodeMachine {
  readonly name: string;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly info: {
    readonly machineID: string;
    readonly systemUUID: string;
    readonly bootID: string;
    readonly kernelVersion: string;
    readonly osImage: string;
    readonly architecture: string;
    readonly operatingSystem: string;
    /** Where the machine pretends to have others than krill's own. */
    readonly kubeletVersion?: string;
    readonly kubeProxyVersion?: string;
    readonly containerRuntimeVersion?: string;
  };
  /** Changes when the machine lost its power: a new value means every sandbox is dead. */
  readonly bootId: string;
}

export type RuntimeEvent =
  | {
      readonly type: 'container';
      readonly node: string;
      readonly podUid: string;
      readonly containerId: string;
      readonly what: 'started' | 'died' | 'removed' | 'oom';
    }
  | {
      readonly type: 'sandbox';
      readonly node: string;
      readonly podUid: string;
      readonly sandboxId: string;
      readonly what: 'died' | 'removed';
    }
  | {
      readonly type: 'node';
      readonly node: string;
      readonly what: 'started' | 'stopped' | 'paused' | 'unpaused' | 'detached' | 'attached';
    }
  /** The runtime lost sight of what happened (engine restart, event stream gap): list again. */
  | { readonly type: 'resync' };

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface SandboxSpec {
  readonly node: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly hostname: string;
  readonly hostNetwork: boolean;
  readonly hostPID: boolean;
  readonly hostIPC: boolean;
  readonly shareProcessNamespace: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly hostPorts: readonly {
    readonly hostPort: number;
    readonly hostIP: string;
    readonly containerPort: number;
    readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  }[];
  /** Volumes that must outlive single containers (tmpfs emptyDirs): held by the sandbox. */
  readonly mounts: readonly Mount[];
  /** The pod's cgroup limits, all containers together; absent means none. */
  readonly resources: LinuxResources;
}

export interface SandboxState {
  readonly id: string;
  readonly node: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly running: boolean;
  /** The pod's address, "" when it could not be kept (node rebooted). */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly containers: readonly ContainerState[];
}

export interface ContainerSpec {
  readonly node: string;
  readonly pod: PodIdentity;
  readonly sandboxId: string;
  /** The container's name in the pod spec. */
  readonly name: string;
  /** Grows by one with each restart; part of the deterministic name. */
  readonly attempt: number;
  /** Opaque to the runtime, found again in `ContainerState.labels`: spec hash, restart count, grace. */
  readonly labels: Readonly<Record<string, string>>;
  /** An image id from `images.ensure`. */
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly workingDir?: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly mounts: readonly Mount[];
  readonly resources: LinuxResources;
  readonly security: ContainerSecurity;
  readonly terminationMessagePath?: string;
  readonly stopSignal?: string;
}

export interface ContainerEnd {
  readonly after: number;
  readonly exitCode: number;
}

export interface Mount {
  readonly containerPath: string;
  readonly readOnly: boolean;
  /** A path on the engine's host (from `PodFiles` or a hostPath), or a named engine volume in memory. */
  readonly source:
    | { readonly type: 'path'; readonly path: string }
    /** `volume` is unique within the pod; the runtime prefixes cluster and pod uid. It goes with the pod's files. */
    | { readonly type: 'memory'; readonly volume: string; readonly sizeBytes?: number };
  /** Mount this path inside a memory volume (already checked to be relative and without ".."). */
  readonly subPath?: string;
  readonly propagation?: 'None' | 'HostToContainer' | 'Bidirectional';
}

/** Limits as cgroups know them. Bytes, shares, microseconds. Absent means unlimited. */
export interface LinuxResources {
  readonly memoryBytes?: number;
  readonly cpuShares?: number;
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly oomScoreAdj?: number;
}

export interface ContainerSecurity {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly seccomp?: { readonly type: string; readonly localhostProfile?: string };
  readonly apparmor?: { readonly type: string; readonly localhostProfile?: string };
}

export interface ContainerState {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: 'created' | 'running' | 'paused' | 'exited';
  /** Milliseconds since the epoch; 0 when it has not happened. */
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** What the engine says of a container that could not start. */
  readonly error: string;
  /** Contents of the termination message file, once exited. */
  readonly terminationMessage: string;
}

/** Why a container could not be made or started, in kubelet's terms. */
export class StartError extends Error {
  /** `CreateContainerConfigError`, `CreateContainerError`, `RunContainerError`, `CreatePodSandboxError`. */
  readonly reason: string;
  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
    this.reason = reason;
  }
}

export interface Images {
  /** The image under this reference if the engine has it. */
  find(reference: string, signal: AbortSignal): Promise<ImageInfo | undefined>;
  /** Pulls it. Throws `ImageError` with kubelet's reason (`ErrImagePull`, `InvalidImageName`). */
  pull(reference: string, credentials: readonly RegistryCredential[], signal: AbortSignal): Promise<ImageInfo>;
  list(signal: AbortSignal): Promise<readonly ImageInfo[]>;
}

export interface RegistryCredential {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

export interface ImageInfo {
  /** sha256:… */
  readonly id: string;
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** The configured user: "" when none, else "uid", "uid:gid" or a name. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly stopSignal?: string;
}

export class ImageError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ImageError';
    this.reason = reason;
  }
}

/** Folders of the engine's host that outlive pods: what is in volumes. */
export interface HostFolders {
  /** Where the volumes that are made on a node lie; without one, those that all nodes share. */
  volumes(node?: string): string;
  /** Whether a path is that of one volume's folder among them, and not some other folder that somebody has written there. */
  isVolume(path: string): boolean;
  /** Makes a folder that everybody may write to; one that is there is left with its contents. */
  make(path: string, signal: AbortSignal): Promise<void>;
  /** Removes a folder with all that is in it; one that is not there is no error. */
  remove(path: string, signal: AbortSignal): Promise<void>;
}

/** One pod's folder on the engine's host. The node writes it, so this works where krill cannot see that disk. */
export interface PodFiles {
  /** The absolute path on the engine's host of `relative` inside the pod's folder. */
  path(relative: string): string;
  /** Like `path`, in the part kept in memory (secrets, tokens). */
  memoryPath(relative: string): string;
  /** Makes a folder with mode and ownership; an existing one is left with its contents. */
  ensureFolder(path: string, options: { mode: number; gid?: number }, signal: AbortSignal): Promise<void>;
  /** Replaces a whole volume's contents in one swap (`..data` symlink), as upstream's atomic writer does. */
  writeVolume(
    path: string,
    files: readonly VolumeFile[],
    options: { gid?: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** Writes one plain file (hosts, resolv.conf) in place, keeping its inode so that running containers see it. */
  writeFile(path: string, content: string | Buffer, mode: number, signal: AbortSignal): Promise<void>;
  /**
   * The path of `relative` inside the volume at `path`, for a subPath mount: missing folders are made (0750), and no
   * component may lead out of the volume through a symbolic link. Throws with kubelet's text.
   */
  subPath(path: string, relative: string, signal: AbortSignal): Promise<string>;
  /** Checks a hostPath against its type ("", DirectoryOrCreate, …); creates where the type says so. Throws with kubelet's text. */
  checkHostPath(path: string, type: string, signal: AbortSignal): Promise<void>;
  /** Removes the pod's folders, unmounting what is mounted. */
  removeAll(signal: AbortSignal): Promise<void>;
}

export interface VolumeFile {
  /** Relative, without "..". */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
  /** Owner of token files for non-root containers. */
  readonly uid?: number;
}
