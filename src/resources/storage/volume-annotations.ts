/**
 * Annotations by which binder, scheduler and provisioners tell each other where a claim stands.
 * Source: component-helpers `storage/volume`.
 */

/** On a claim: it has been bound once, so that a missing volume is a lost one. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** On a volume or claim: its half of the binding was chosen by the controller, not by its user. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** On a volume: the provisioner that made it, which also deletes it. */
export const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** On a claim: the provisioner that is to make its volume. */
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner';
/** What `storageProvisioner` was called before; both are written. */
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner';
/** On a claim or volume of a provisioner that was once built in: the driver that does its work. */
export const migratedTo = 'pv.kubernetes.io/migrated-to';
/** On a claim: the node of its first consumer, which the volume must reach. */
export const selectedNode = 'volume.kubernetes.io/selected-node';

/** Whether an object carries an annotation, whatever its value. */
export const annotated = (
  object: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } },
  name: string,
): boolean => object.metadata.annotations?.[name] !== undefined;
