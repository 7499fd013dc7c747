import { pods as podsRef } from '../../api/kinds.gen.ts';
import { quantityValue } from '../../api/quantity.ts';
import { isStatus } from '../../api/status.ts';
import type { PersistentVolume, Pod } from '../../api/types/core-v1.gen.ts';
import { capacityOf } from '../../resources/storage/volume-match.ts';
import type { ControllerContext } from '../controller.ts';
import { isTerminal } from '../pod-state.ts';
import type { Phases } from './phases.ts';

const namespace = 'default';
const prefix = 'recycler-for-';
const gi = 2 ** 30;
/** Upstream's, which has to be pulled. */
const upstreamImage = 'registry.k8s.io/build-image/debian-base:bookworm-v1.0.6';

/** Kinds of volumes that a pod can empty, and the seconds it may take: at least, and more for each Gi. */
const scrubTimes = { hostPath: { least: 60, perGi: 30 }, nfs: { least: 300, perGi: 30 } } as const;

/** The volume that a recycler pod is for. */
export const recycledBy = ({ metadata }: Pod): string | undefined =>
  metadata.namespace === namespace && metadata.name!.startsWith(prefix)
    ? metadata.name!.slice(prefix.length)
    : undefined;

/** The pod that empties a volume; undefined when no pod can. Source: NewPersistentVolumeRecyclerPodTemplate. */
export function recyclerPod(volume: PersistentVolume, image = upstreamImage): Pod | undefined {
  const type = (['hostPath', 'nfs'] as const).find((candidate) => volume.spec?.[candidate]);
  if (!type) return undefined;
  const { least, perGi } = scrubTimes[type];
  const size = Math.floor(quantityValue(capacityOf(volume)) / gi);
  // As upstream's, in words that busybox knows, too.
  const script =
    'test -e /scrub && find /scrub -mindepth 1 -maxdepth 1 -exec rm -rf {} + && test -z "$(ls -A /scrub)" || exit 1';
  return {
    metadata: { name: `${prefix}${volume.metadata.name}`, namespace },
    spec: {
      activeDeadlineSeconds: Math.max(least, size * perGi),
      restartPolicy: 'Never',
      volumes: [{ name: 'vol', [type]: volume.spec![type] }],
      containers: [
        {
          name: 'pv-recycler',
          image,
          command: ['/bin/sh'],
          args: ['-c', script],
          volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
        },
      ],
    },
  };
}

/** Empties volumes by pods. Source: pkg/volume/util/recyclerclient. */
export class Recycler {
  readonly #context: ControllerContext;
  readonly #phases: Phases;

  constructor(context: ControllerContext, phases: Phases) {
    this.#context = context;
    this.#phases = phases;
  }

  /** Starts the pod, or does what its end means. Called again when the pod changes. Throws when it failed, to try again. */
  async recycle(volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    const wanted = recyclerPod(volume, this.#context.shellImage);
    if (!wanted) {
      await this.#phases.fail(volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!', signal);
      return;
    }
    const pod = this.#context.informers.of(podsRef).get(`${namespace}/${wanted.metadata.name}`);
    if (!pod) return this.#start(wanted, signal);
    if (!isTerminal(pod)) return;
    await this.#remove(pod, signal);
    if (pod.status?.phase === 'Succeeded') {
      this.#context.recorder.event(volume, 'Normal', 'VolumeRecycled', 'Volume recycled');
      await this.#phases.unbind(volume, signal);
      return;
    }
    const why = `Recycle failed: ${pod.status?.message || 'pod failed, pod.Status.Message unknown'}`;
    await this.#phases.fail(volume, 'VolumeFailedRecycle', why, signal);
    throw new Error(why);
  }

  async #start(pod: Pod, signal: AbortSignal): Promise<void> {
    try {
      await this.#context.client.resource(podsRef).create(pod, { signal });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
    }
  }

  async #remove({ metadata: { name, uid } }: Pod, signal: AbortSignal): Promise<void> {
    const options = { preconditions: { uid: uid! }, gracePeriodSeconds: 0, signal };
    try {
      await this.#context.client.resource(podsRef).delete({ namespace, name: name! }, options);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
