import type { RuntimeConfig } from '../api/runtime-config.ts';
import type { AdmissionChoice } from '../apiserver/admission/plugin-names.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Transport, UserInfo } from '../client/call.ts';
import type { NodeTemplate } from '../node/runtime.ts';

/** What `startCluster` makes: everything a command line or a test may choose. */
export interface ClusterOptions {
  readonly name: string;
  /** The cluster's own folder (0700): database, keys, cluster.json. Ignored by a memory store without Docker nodes. */
  readonly dataDir: string;
  /** The API server's port on 127.0.0.1; 0 for any free one. Stored with the cluster and never changed afterwards. */
  readonly port: number;
  readonly nodes: number;
  readonly runtime: 'docker' | 'simulated';
  /** How many simulated nodes there are beside them; none unless given. Kept like the port. */
  readonly simulatedNodes?: number;
  /** What simulated nodes claim to be. Kept like the port. */
  readonly nodeTemplate?: NodeTemplate;
  readonly store: 'file' | 'memory';
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Whether old API versions are served beside the current ones; true unless given. Kept like the port. */
  readonly legacyApis?: boolean;
  /** Which API versions are switched on or off, as kube-apiserver's --runtime-config; none unless given. Kept like the port. */
  readonly runtimeConfig?: RuntimeConfig;
  /** Which admission plugins are on, and how they are configured; as upstream's defaults unless given. Kept like the port. */
  readonly admission?: AdmissionChoice;
  /** Which controllers run, as kube-controller-manager's --controllers; kept like the port. Those kubeadm runs unless given. */
  readonly controllers?: readonly string[];
  /**
   * A KubeSchedulerConfiguration, YAML or JSON. Kept with the cluster until another is given; upstream's defaults unless
   * there ever was one.
   */
  readonly schedulerConfig?: string;
  /** Parts left out by name: "scheduler", "kubelet", "network", or a controller's name. */
  readonly without?: readonly string[];
  /** Where the built files (node image) lie; beside the bundle unless given. */
  readonly assets?: string;
}

/** One named step of the start, reported as it ends. Milliseconds of steady time since the start began. */
export interface StartStep {
  readonly name: string;
  readonly at: number;
  readonly took: number;
}

export interface RunningCluster {
  /** https://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  readonly caPem: string;
  readonly adminCertPem: string;
  readonly adminKeyPem: string;
  /** The in-process transport, as any identity. */
  transport(user?: UserInfo): Transport;
  /** Resolves when every node of the cluster is Ready; rejects when a part failed to start. */
  readonly ready: Promise<void>;
  status(): ClusterStatus;
  /** Ends every part in reverse order. Containers of Docker nodes run on. */
  close(): Promise<void>;
}

/** What `krill status` shows of a running server. */
export interface ClusterStatus {
  readonly name: string;
  readonly version: string;
  readonly runtime: string;
  readonly url: string;
  readonly steps: readonly StartStep[];
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly address: string }[];
  /** How pods reach the control plane; "" without Docker nodes. */
  readonly hostReach: string;
  readonly subnets: { readonly nodes: string; readonly pods: string; readonly services: string };
}

/** Starts a cluster, or takes up one whose data folder exists. Resolves as soon as the API server takes writes. */
export type StartCluster = (options: ClusterOptions, onStep?: (step: StartStep) => void) => Promise<RunningCluster>;
