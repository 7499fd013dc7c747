import { quantityValue } from '../../api/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { defaultClass, namesClass } from '../../resources/storage/default-class.ts';
import {
  annotated,
  bindCompleted,
  boundByController,
  selectedNode,
} from '../../resources/storage/volume-annotations.ts';
import {
  capacityOf,
  claimClass,
  isBoundTo,
  leastCapableVolume,
  offersModes,
  requestOf,
  sameAttributesClass,
  sameVolumeMode,
  volumeClass,
} from '../../resources/storage/volume-match.ts';
import { type Provisioner, provisionerOf } from './provisioners.ts';

/** What users are told about a claim or volume. */
export interface Told {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The next step for a claim. */
export type ClaimStep =
  /** Bind it to the volume. */
  | { readonly step: 'bind'; readonly volume: PersistentVolume }
  /** It has no volume yet. */
  | { readonly step: 'wait'; readonly told?: Told }
  /** Its volume is gone for good. */
  | { readonly step: 'lose'; readonly told: Told }
  /** It named no class, and there is a default now. */
  | { readonly step: 'default'; readonly className: string }
  /** A volume is to be made for it by somebody outside. */
  | { readonly step: 'provision'; readonly provisioner: Provisioner; readonly told: Told }
  /** It says something that cannot be. */
  | { readonly step: 'fail'; readonly why: string };

/** What a claim's step depends on. */
export interface ClaimWorld {
  volume(name: string): PersistentVolume | undefined;
  /** All that may fit the claim: the volumes that name it, and the free ones of its class. */
  candidates(claim: PersistentVolumeClaim): Iterable<PersistentVolume>;
  classNamed(name: string): StorageClass | undefined;
  classes(): Iterable<StorageClass>;
  /** Names of the pods that use the claim and have no node yet. */
  unscheduledPods(claim: PersistentVolumeClaim): readonly string[];
  /** Volumes that are just being bound to other claims. */
  readonly taken: ReadonlySet<string>;
}

const normal = (reason: string, message: string): Told => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): Told => ({ type: 'Warning', reason, message });

/** What is to be done with a claim. Source: pv_controller.go syncClaim. */
export function planClaim(claim: PersistentVolumeClaim, world: ClaimWorld): ClaimStep {
  if (annotated(claim, bindCompleted)) return planBound(claim, world);
  return claim.spec?.volumeName ? planRequested(claim, world) : planOpen(claim, world);
}

function planBound(claim: PersistentVolumeClaim, { volume: find }: ClaimWorld): ClaimStep {
  const lost = (reason: string, message: string): ClaimStep => ({ step: 'lose', told: warning(reason, message) });
  if (!claim.spec?.volumeName) {
    return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  }
  const volume = find(claim.spec.volumeName);
  if (!volume) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const owner = volume.spec?.claimRef;
  if (!owner || owner.uid === claim.metadata.uid) return { step: 'bind', volume };
  return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

/** A claim that asks for a volume by name. */
function planRequested(claim: PersistentVolumeClaim, { volume: find, taken }: ClaimWorld): ClaimStep {
  const name = claim.spec!.volumeName!;
  const volume = find(name);
  if (!volume) return { step: 'wait' };
  const owner = volume.spec?.claimRef;
  if (owner && isBoundTo(volume, claim)) return { step: 'bind', volume };
  if (owner && annotated(claim, boundByController)) {
    const { namespace, name: own } = claim.metadata;
    const other = `${owner.namespace}/${owner.name}`;
    const why = `invalid binding of claim "${namespace}/${own}" to volume "${name}": volume already claimed by "${other}"`;
    return { step: 'fail', why };
  }
  if (owner || taken.has(name)) {
    return {
      step: 'wait',
      told: warning('FailedBinding', `volume "${name}" already bound to a different claim.`),
    };
  }
  const why = mismatch(volume, claim);
  if (why === undefined) return { step: 'bind', volume };
  return { step: 'wait', told: warning('VolumeMismatch', `Cannot bind to requested volume "${name}": ${why}`) };
}

/** Why a claim may not have the volume it asks for. Source: checkVolumeSatisfyClaim. */
function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (quantityValue(capacityOf(volume)) < quantityValue(requestOf(claim))) return 'requested PV is too small';
  if (volumeClass(volume) !== claimClass(claim)) return 'storageClassName does not match';
  if (!sameAttributesClass(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!sameVolumeMode(volume, claim)) return 'incompatible volumeMode';
  return offersModes(volume, claim.spec) ? undefined : 'incompatible accessMode';
}

/** A claim that takes whatever fits. */
function planOpen(claim: PersistentVolumeClaim, world: ClaimWorld): ClaimStep {
  const className = claimClass(claim);
  const itsClass = className ? world.classNamed(className) : undefined;
  const later = itsClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const options = { excluded: world.taken, onlyBound: later };
  const volume = leastCapableVolume(claim, world.candidates(claim), options);
  if (volume) return { step: 'bind', volume };
  if (!namesClass(claim)) {
    const found = defaultClass(world.classes());
    if (found) return { step: 'default', className: found.metadata!.name! };
  }
  if (later && !annotated(claim, selectedNode)) return { step: 'wait', told: untilConsumer(claim, world) };
  if (className) return planProvision(className, itsClass);
  const none = 'no persistent volumes available for this claim and no storage class is set';
  return { step: 'wait', told: normal('FailedBinding', none) };
}

function untilConsumer(claim: PersistentVolumeClaim, world: ClaimWorld): Told {
  const pods = world.unscheduledPods(claim);
  if (pods.length === 0) {
    return normal('WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  }
  const what = pods.length > 1 ? 'pods' : 'pod';
  return normal('WaitForPodScheduled', `waiting for ${what} ${pods.join(',')} to be scheduled`);
}

function planProvision(className: string, found: StorageClass | undefined): ClaimStep {
  const failed = (message: string): ClaimStep => ({ step: 'wait', told: warning('ProvisioningFailed', message) });
  if (!found) return failed(`storageclass.storage.k8s.io "${className}" not found`);
  const provisioner = provisionerOf(found.provisioner);
  if (!provisioner) return failed(`no volume plugin matched name: ${found.provisioner}`);
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner.name}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { step: 'provision', provisioner, told: normal('ExternalProvisioning', message) };
}
