import type { ContainerState, ImageInfo, SandboxState } from '../../node/runtime.ts';

/** What a pod worker knows of the world: everything a plan is made from, next to the pod itself. */
export interface Observed {
  /** The newest sandbox, dead or alive. */
  readonly sandbox: SandboxState | undefined;
  /** Sandboxes of earlier attempts that still exist. */
  readonly older: readonly string[];
  /** The number of the next sandbox, one above the highest ever seen. */
  readonly nextAttempt: number;
  /** Every known instance of each container, newest first. */
  readonly instances: ReadonlyMap<string, readonly Instance[]>;
  /** What probes say, by container id. A running container without an entry is started and ready. */
  readonly health: ReadonlyMap<string, Health>;
  readonly volumesReady: boolean;
  /** Images found for the next start of a container, by container name. */
  readonly images: ReadonlyMap<string, ImageInfo>;
  /** What must wait before it is tried again, by step key. */
  readonly held: ReadonlyMap<string, Hold>;
  /** When a container was first seen dead, steady milliseconds, by container id. */
  readonly deaths: ReadonlyMap<string, number>;
  /** Keys of steps being carried out. */
  readonly busy: ReadonlySet<string>;
}

/** One run of a container. */
export interface Instance {
  readonly sandboxId: string;
  readonly state: ContainerState;
}

export interface Health {
  readonly started: boolean;
  readonly ready: boolean;
  /** Set once a liveness or startup probe failed for good: the event text, and the probe's own grace period. */
  readonly kill?: { readonly message: string; readonly graceSeconds?: number };
}

/** A step that failed and is tried again at `until` (steady milliseconds); shown as the container's waiting state. */
export interface Hold {
  readonly until: number;
  readonly reason: string;
  readonly message: string;
}

/** Labels the kubelet puts on containers, so that a restart of krill loses nothing. */
export const labels = {
  /** The image the spec named: a change restarts the container. */
  image: 'image',
  /** Milliseconds to wait after this instance's death before the next start. */
  backoff: 'backoff',
} as const;

/** The newest instance of a container. */
export const newest = (observed: Observed, name: string): Instance | undefined => observed.instances.get(name)?.[0];

/** Whether any container may still run. */
export const anyAlive = (observed: Observed): boolean => {
  for (const instances of observed.instances.values()) if (instances.some(alive)) return true;
  return false;
};

/** Whether an instance's process may still be alive. */
export const alive = (instance: Instance | undefined): boolean =>
  instance?.state.status === 'running' || instance?.state.status === 'paused';
