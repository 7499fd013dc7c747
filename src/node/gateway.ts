import type { Duplex, Readable } from 'node:stream';
import type { StreamedProcess } from '../stream/process.ts';
import type { NodeUsage } from './usage.ts';

/**
 * What the API server asks of the node a pod runs on; upstream this is the kubelet's HTTPS API. The kubelet manager
 * implements it. Every method throws a StatusError (404 unknown container, 400 not running, 501-like refusals on
 * simulated nodes) with kubelet's own wording.
 */
export interface NodeGateway {
  logs(target: ContainerTarget, options: LogOptions, signal: AbortSignal): Promise<Readable>;
  exec(target: ContainerTarget, options: ExecOptions, signal: AbortSignal): Promise<StreamedProcess>;
  attach(target: ContainerTarget, options: StreamOptions, signal: AbortSignal): Promise<StreamedProcess>;
  /** What a node and its pods use now. Nothing is measured but when this is asked. */
  usage(node: string, signal: AbortSignal): Promise<NodeUsage>;
}

/** Reaches pods, nodes and the cluster network from this process: probes, proxies, port-forward, webhooks. */
export interface Dialer {
  dial(target: DialTarget, signal: AbortSignal): Promise<Duplex>;
}

export type DialTarget =
  /** The pod's network address. */
  | { readonly to: 'pod'; readonly node: string; readonly uid: string; readonly address: string; readonly port: number }
  /** The pod's own loopback, as port-forward does. */
  | { readonly to: 'pod-loopback'; readonly node: string; readonly uid: string; readonly port: number }
  | { readonly to: 'node'; readonly node: string; readonly port: number };

export interface ContainerTarget {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
}

/** PodLogOptions. */
export interface LogOptions {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** "All" (both), "Stdout" or "Stderr". */
  readonly stream?: string;
}

export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface AttachOptions extends StreamOptions {
  /** From which byte on the session gets what the container has said already; undefined when it gets only what comes. */
  readonly replayFrom?: number;
}

export interface ExecOptions extends StreamOptions {
  readonly command: readonly string[];
}
