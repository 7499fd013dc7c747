import type { Mount, PodFiles, VolumeFile } from '../../node/runtime.ts';
import type { ClaimCache } from '../claim-cache.ts';
import type { ConfigKind } from '../config-cache.ts';
import type { FieldContext } from '../pod-worker/fields.ts';
import type { ConfigObject, Pod, Volume } from '../types.ts';

/** A volume that could not be set up: the event text is `message`. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';

  static setUp(volume: string, cause: unknown): VolumeError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new VolumeError(`MountVolume.SetUp failed for volume "${volume}" : ${why}`, { cause });
  }
}

/** A claim has no volume that could be used, as yet. */
export class UnresolvedClaim extends Error {
  override readonly name = 'UnresolvedClaim';
}

/** What a volume may ask for while it is set up. */
export interface VolumeContext {
  readonly pod: Pod;
  readonly volume: Volume;
  readonly files: PodFiles;
  readonly fields: FieldContext;
  readonly signal: AbortSignal;
  /** The node's name. */
  readonly node: string;
  readonly claims: ClaimCache;
  /** A ConfigMap or Secret of the pod's namespace; changes set the volume up again. */
  read(kind: ConfigKind, name: string): Promise<ConfigObject | undefined>;
  /** A token of the pod's service account, kept until four fifths of its life are over. Wall milliseconds. */
  token(audience: string, expirationSeconds: number): Promise<{ readonly token: string; readonly renewAt: number }>;
}

/** A volume's files, as data. */
export interface Payload {
  readonly files: readonly VolumeFile[];
  /** When the files must be made anew, wall milliseconds. */
  readonly renewAt?: number;
}

/**
 * A volume type: one file each, listed in `volumes/index.ts`. Either its contents are made from the API (`payload`,
 * again after every change), or it is a place (`place`, once). Both throw with kubelet's texts.
 */
export type VolumeType = { readonly type: keyof Volume } & (
  | { readonly payload: (context: VolumeContext) => Promise<Payload>; readonly inMemory: boolean }
  | { readonly place: (context: VolumeContext) => Promise<Mount['source']> }
);

/** The folder of a volume inside its pod's folder. */
export const folderOf = (type: string, volume: Volume): string => `volumes/${type}/${volume.name}`;

/** The group that owns a pod's volumes, if any. */
export const groupOf = (pod: Pod): number | undefined => pod.spec.securityContext?.fsGroup;

/** With an fsGroup its members must be able to read what only the owner could. */
export const modeFor = (pod: Pod, mode: number): number => (groupOf(pod) === undefined ? mode : mode | 0o440);
