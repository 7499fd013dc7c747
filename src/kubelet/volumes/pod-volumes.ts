import { createHash } from 'node:crypto';
import type { Mount } from '../../node/runtime.ts';
import type { Pod, Volume } from '../types.ts';
import { volumeTypes } from './index.ts';
import {
  folderOf,
  groupOf,
  type Payload,
  UnresolvedClaim,
  type VolumeContext,
  VolumeError,
  type VolumeType,
} from './volume-type.ts';

/** The volumes of one pod: sets them up, keeps their contents current and says where they are. */
export class PodVolumes {
  readonly #sources = new Map<string, Mount['source']>();
  readonly #written = new Map<string, string>();
  #renewAt = Number.POSITIVE_INFINITY;

  /** When a token must be renewed, wall milliseconds. */
  get renewAt(): number {
    return this.#renewAt;
  }

  /** Where a volume is; undefined until it is set up. */
  source(name: string): Mount['source'] | undefined {
    return this.#sources.get(name);
  }

  /** Volumes in memory, which the sandbox holds: known before anything is set up. */
  static inMemory(pod: Pod): string[] {
    return (pod.spec.volumes ?? []).filter((v) => v.emptyDir?.medium === 'Memory').map((v) => v.name);
  }

  /** Sets up what is not yet, and brings contents up to date. Throws `VolumeError` for the first that fails. */
  async setUp(pod: Pod, contextOf: (volume: Volume) => VolumeContext): Promise<void> {
    const volumes = pod.spec.volumes ?? [];
    const renewals: number[] = [];
    const unresolved = new Map<string, string>();
    const results = await Promise.allSettled(
      volumes.map(async (volume) => {
        try {
          const renewAt = await this.#setUpOne(volume, contextOf(volume));
          if (renewAt !== undefined) renewals.push(renewAt);
        } catch (error) {
          if (error instanceof VolumeError) throw error;
          if (error instanceof UnresolvedClaim) unresolved.set(volume.name, error.message);
          throw VolumeError.setUp(volume.name, error);
        }
      }),
    );
    this.#renewAt = Math.min(Number.POSITIVE_INFINITY, ...renewals);
    if (unresolved.size > 0) throw new VolumeError(unresolvedText(unresolved));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #setUpOne(volume: Volume, context: VolumeContext): Promise<number | undefined> {
    const type = typeOf(volume);
    if ('place' in type) {
      if (!this.#sources.has(volume.name)) this.#sources.set(volume.name, await type.place(context));
      return undefined;
    }
    const payload = await type.payload(context);
    const folder = folderOf(type.type, volume);
    const path = type.inMemory ? context.files.memoryPath(folder) : context.files.path(folder);
    const digest = digestOf(payload);
    if (this.#written.get(volume.name) !== digest) {
      const gid = groupOf(context.pod);
      const options = gid === undefined ? {} : { gid };
      await context.files.ensureFolder(path, { mode: 0o755, ...options }, context.signal);
      await context.files.writeVolume(path, payload.files, options, context.signal);
      this.#written.set(volume.name, digest);
    }
    this.#sources.set(volume.name, { type: 'path', path });
    return payload.renewAt;
  }
}

/** What kubelet says of volumes that it cannot even begin with, by name. Source: volume_manager.go. */
function unresolvedText(reasons: ReadonlyMap<string, string>): string {
  const names = [...reasons.keys()].join(' ');
  const why = [...reasons.values()].join('; ');
  return `Unable to attach or mount volumes: unmounted volumes=[${names}], unattached volumes=[], failed to process volumes=[${names}]: ${why}`;
}

function typeOf(volume: Volume): VolumeType {
  const type = volumeTypes.find((candidate) => volume[candidate.type] !== undefined);
  if (type) return type;
  const named = Object.keys(volume).find((key) => key !== 'name');
  throw new Error(`volumes of type ${named ?? '""'} are not supported by krill`);
}

function digestOf(payload: Payload): string {
  const hash = createHash('sha256');
  for (const { path, content, mode, uid } of payload.files) {
    hash.update(`${path}\0${mode}\0${uid ?? ''}\0${content.length}\0`).update(content);
  }
  return hash.digest('base64');
}
