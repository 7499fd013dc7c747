import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { PersistentVolumeSpec } from '../../api/types/core-v1.gen.ts';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from '../../api/types/storage-v1.gen.ts';
import { volumeSource } from '../core/persistent-volume-sources.ts';
import type { UpdateRules } from '../resource.ts';
import { nonNegative, subdomain, unchanged } from '../rules/check.ts';
import { accessModes } from '../rules/claims.ts';
import { keepSpecAndMetadata } from '../rules/status.ts';
import { csiDriverName } from '../rules/volumes.ts';
import { specPath, statusPath } from '../rules/workloads.ts';

/** Rules of VolumeAttachments. Source: storage/validation ValidateVolumeAttachment and ValidateVolumeAttachmentV1. */

const maxMetadata = 256 * 1024;
const maxMessage = 1024;

export function prepareAttachment(object: Mutable<VolumeAttachment>): void {
  object.status = { attached: false };
}

/** What a volume that belongs to one pod cannot have. Source: core/validation ValidatePersistentVolumeSpec. */
function inlineSpec(errors: ErrorList, path: FieldPath, spec: PersistentVolumeSpec): void {
  const never = 'may not be specified in the context of inline volumes';
  if (spec.claimRef) errors.forbidden(path.child('claimRef'), never);
  if (Object.keys(spec.capacity ?? {}).length) errors.forbidden(path.child('capacity'), never);
  if (!spec.csi) errors.required(path.child('csi'), 'has to be specified in the context of inline volumes');
  accessModes(errors, path.child('accessModes'), spec.accessModes);
  const policy = spec.persistentVolumeReclaimPolicy;
  if (policy !== undefined && policy !== 'Retain') {
    const text = 'may only be Retain in the context of inline volumes';
    errors.forbidden(path.child('persistentVolumeReclaimPolicy'), text);
  }
  if (spec.nodeAffinity) errors.forbidden(path.child('nodeAffinity'), never);
  volumeSource(errors, path, spec, '');
  if (spec.storageClassName) errors.forbidden(path.child('storageClassName'), never);
  if (spec.volumeMode !== undefined && spec.volumeMode !== 'Filesystem') {
    const text = 'may not specify volumeMode other than Filesystem in the context of inline volumes';
    errors.forbidden(path.child('volumeMode'), text);
  }
  if (spec.volumeAttributesClassName !== undefined) errors.forbidden(path.child('volumeAttributesClassName'), never);
}

function source(errors: ErrorList, path: FieldPath, value: VolumeAttachmentSource): void {
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = value;
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline && name !== undefined) errors.forbidden(path, text);
  else if (inline) inlineSpec(errors, path.child('inlineVolumeSpec'), inline);
  else if (name === undefined) errors.required(path, text);
  else if (name === '')
    errors.required(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName');
}

function failure(errors: ErrorList, path: FieldPath, error: VolumeError | undefined): void {
  if (!error) return;
  if (Buffer.byteLength(error.message ?? '') > maxMessage) errors.tooLong(path.child('message'), maxMessage);
  nonNegative(errors, path.child('errorCode'), error.errorCode);
}

function validateStatus({ status }: VolumeAttachment, errors: ErrorList): void {
  let size = 0;
  for (const [key, value] of Object.entries(status?.attachmentMetadata ?? {})) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > maxMetadata) errors.tooLong(statusPath.child('attachmentMetadata'), maxMetadata);
  failure(errors, statusPath.child('attachError'), status?.attachError);
  failure(errors, statusPath.child('detachError'), status?.detachError);
}

export function validateAttachment({ spec }: VolumeAttachment, errors: ErrorList): void {
  if (!spec.attacher) errors.required(specPath.child('attacher'));
  source(errors, specPath.child('source'), spec.source ?? {});
  subdomain(errors, specPath.child('nodeName'), spec.nodeName ?? '');
}

/** Stricter for new objects: older ones were made when any attacher went. */
export function validateNewAttachment({ spec }: VolumeAttachment, errors: ErrorList): void {
  csiDriverName(errors, specPath.child('attacher'), spec.attacher ?? '');
  const name = spec.source?.persistentVolumeName;
  if (name !== undefined) subdomain(errors, specPath.child('source', 'persistentVolumeName'), name);
}

export function validateAttachmentUpdate(object: VolumeAttachment, old: VolumeAttachment, errors: ErrorList): void {
  unchanged(errors, specPath, object.spec, old.spec);
}

export const attachmentStatus: UpdateRules<VolumeAttachment> = {
  prepareUpdate: keepSpecAndMetadata,
  validateUpdate: (object, _old, errors) => validateStatus(object, errors),
};
