/** The parts of the Engine API (v1.40 and later) that krill reads and writes; field names are the API's. */

export interface ContainerConfig {
  Image: string;
  Hostname?: string;
  User?: string;
  Cmd?: readonly string[];
  Entrypoint?: readonly string[];
  Env?: readonly string[];
  WorkingDir?: string;
  Labels?: Readonly<Record<string, string>>;
  Tty?: boolean;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  AttachStdin?: boolean;
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  StopSignal?: string;
  HostConfig?: HostConfig;
  NetworkingConfig?: { EndpointsConfig: Record<string, { IPAMConfig?: { IPv4Address?: string } }> };
}

export interface HostConfig {
  Binds?: readonly string[];
  Mounts?: readonly MountConfig[];
  NetworkMode?: string;
  PidMode?: string;
  IpcMode?: string;
  CgroupParent?: string;
  CgroupnsMode?: string;
  CapAdd?: readonly string[];
  CapDrop?: readonly string[];
  GroupAdd?: readonly string[];
  SecurityOpt?: readonly string[];
  MaskedPaths?: readonly string[];
  ReadonlyPaths?: readonly string[];
  Sysctls?: Readonly<Record<string, string>>;
  ExtraHosts?: readonly string[];
  Tmpfs?: Readonly<Record<string, string>>;
  Privileged?: boolean;
  ReadonlyRootfs?: boolean;
  RestartPolicy?: { Name: string };
  LogConfig?: { Type: string; Config: Readonly<Record<string, string>> };
  Memory?: number;
  MemorySwap?: number;
  CpuShares?: number;
  CpuQuota?: number;
  CpuPeriod?: number;
  OomScoreAdj?: number;
  ShmSize?: number;
}

export interface MountConfig {
  Type: 'bind' | 'volume' | 'tmpfs';
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  BindOptions?: { Propagation?: string };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Readonly<Record<string, string>>;
    DriverConfig?: { Name: string; Options: Readonly<Record<string, string>> };
  };
}

export interface ContainerInspect {
  Id: string;
  Name: string;
  Created: string;
  /** The image's id. */
  Image: string;
  State: ContainerStatus;
  Config: { Image: string; Labels: Record<string, string> | null; Hostname: string; Tty: boolean };
  HostConfig: { NetworkMode: string; CgroupParent: string };
  NetworkSettings: { Networks: Record<string, { IPAddress: string; MacAddress: string; Gateway: string }> };
  LogPath: string;
  RestartCount: number;
}

export interface ContainerStatus {
  Status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  Running: boolean;
  Paused: boolean;
  OOMKilled: boolean;
  Pid: number;
  ExitCode: number;
  Error: string;
  StartedAt: string;
  FinishedAt: string;
}

export interface ContainerSummary {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Labels: Record<string, string>;
  State: string;
  Created: number;
}

export interface ImageInspect {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Size: number;
  Config: {
    User: string;
    Entrypoint: string[] | null;
    Cmd: string[] | null;
    StopSignal?: string;
    Labels: Record<string, string> | null;
  } | null;
}

export interface ImageSummary {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Size: number;
}

export interface NetworkInspect {
  Id: string;
  Name: string;
  Driver: string;
  Labels: Record<string, string> | null;
  IPAM: { Config: { Subnet?: string; Gateway?: string }[] | null };
}

export interface EngineInfo {
  ID: string;
  Name: string;
  NCPU: number;
  MemTotal: number;
  KernelVersion: string;
  OperatingSystem: string;
  OSType: string;
  Architecture: string;
  CgroupDriver: string;
  DockerRootDir: string;
  CgroupVersion?: string;
  ServerVersion: string;
  SecurityOptions?: string[];
}

export interface EngineVersion {
  Version: string;
  ApiVersion: string;
  MinAPIVersion?: string;
  Components?: { Name: string; Version: string }[];
}

export interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  /** Seconds since the epoch. */
  time: number;
}

export interface ExecInspect {
  Running: boolean;
  ExitCode: number | null;
  Pid: number;
}

/** A command to run in a container. */
export interface ExecRequest {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly user?: string;
  readonly env?: readonly string[];
}

/** Which streams of a container to join, and how. */
export interface AttachRequest {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** From which byte on what the container has said comes first; undefined for only what comes. */
  readonly replayFrom?: number | undefined;
}

/** Which part of a container's output. */
export interface LogRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** "seconds.nanoseconds". */
  readonly since?: string;
  readonly until?: string;
  /** Number of last lines; all when absent. */
  readonly tail?: number;
  readonly timestamps: boolean;
}

/** Label, name and state filters of list and event requests. */
export type Filters = Readonly<Record<string, readonly string[]>>;
