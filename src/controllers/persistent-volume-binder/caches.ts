import {
  persistentVolumeClaims as claimsRef,
  storageClasses as classesRef,
  pods as podsRef,
  persistentVolumes as volumesRef,
} from '../../api/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { indexBy } from '../../client/index-map.ts';
import type { Informer } from '../../client/informer.ts';
import type { Informers } from '../../client/informers.ts';
import { keyOf } from '../../client/object-key.ts';
import { namesClass } from '../../resources/storage/default-class.ts';
import { podsByClaim } from '../../resources/storage/pod-claims.ts';
import { annotated, bindCompleted } from '../../resources/storage/volume-annotations.ts';
import { claimClass, volumeClass } from '../../resources/storage/volume-match.ts';
import { synced } from '../controller.ts';
import { isTerminal } from '../pod-state.ts';
import type { ClaimWorld } from './claim-plan.ts';

/** Finds claims by the volume they have or ask for. */
const byVolume = indexBy<PersistentVolumeClaim>('volume', (claim) => claim.spec?.volumeName || undefined);

/** Finds claims that take whatever fits, by class. */
const openByClass = indexBy<PersistentVolumeClaim>('open claims of class', (claim) =>
  claim.spec?.volumeName || annotated(claim, bindCompleted) ? undefined : claimClass(claim),
);

/** Finds volumes by the claim they name. */
const byClaim = indexBy<PersistentVolume>('claim', ({ spec }) =>
  spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : undefined,
);

/** Whether any claim may have the volume. */
export const isFree = ({ metadata, spec, status }: PersistentVolume): boolean =>
  !spec?.claimRef && status?.phase === 'Available' && !metadata.deletionTimestamp;

/** Finds free volumes by class. */
const freeByClass = indexBy<PersistentVolume>('free volumes of class', (volume) =>
  isFree(volume) ? volumeClass(volume) : undefined,
);

/** What the binder reads, and the volumes it is just binding. */
export class Caches implements ClaimWorld {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly storageClasses: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
  readonly taken = new Set<string>();
  readonly ready: (signal: AbortSignal) => Promise<void>;

  constructor(informers: Informers) {
    this.claims = informers.of(claimsRef).index(byVolume).index(openByClass);
    this.volumes = informers.of(volumesRef).index(byClaim).index(freeByClass);
    this.storageClasses = informers.of(classesRef);
    this.pods = informers.of(podsRef).index(podsByClaim);
    this.ready = synced(this.claims, this.volumes, this.storageClasses, this.pods);
  }

  volume = (name: string): PersistentVolume | undefined => this.volumes.get(name);

  candidates(claim: PersistentVolumeClaim): PersistentVolume[] {
    return [...this.volumesOf(keyOf(claim)), ...this.volumes.by(freeByClass, claimClass(claim))];
  }

  classNamed(name: string): StorageClass | undefined {
    return this.storageClasses.get(name);
  }

  classes(): Iterable<StorageClass> {
    return this.storageClasses.values();
  }

  unscheduledPods(claim: PersistentVolumeClaim): string[] {
    return this.pods
      .by(podsByClaim, keyOf(claim))
      .filter((pod) => !pod.spec?.nodeName && !isTerminal(pod))
      .map((pod) => pod.metadata.name!);
  }

  /** The volumes that name a claim. */
  volumesOf(claimKey: string): PersistentVolume[] {
    return this.volumes.by(byClaim, claimKey);
  }

  /** The claims that have or ask for a volume. */
  claimsOf(volume: string): PersistentVolumeClaim[] {
    return this.claims.by(byVolume, volume);
  }

  /** The claims of a class that take whatever fits, the oldest first. */
  openClaims(className: string): PersistentVolumeClaim[] {
    const claims = this.claims.by(openByClass, className);
    return claims.sort((a, b) => Date.parse(a.metadata.creationTimestamp!) - Date.parse(b.metadata.creationTimestamp!));
  }

  /** The open claims that would take a default class. */
  classlessClaims(): PersistentVolumeClaim[] {
    return this.claims.by(openByClass, '').filter((claim) => !namesClass(claim));
  }
}
