import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { CSIStorageCapacity } from '../../api/types/storage-v1.gen.ts';
import { negative, subdomain, unchanged } from '../rules/check.ts';
import { hasInvalidSelector, labelSelector } from '../rules/labels.ts';
import { nodeLabelWarnings } from '../rules/node-labels.ts';

/** Rules of CSIStorageCapacities. Source: storage/validation ValidateCSIStorageCapacity. */

function check(object: CSIStorageCapacity, errors: ErrorList, anyValue: boolean): void {
  labelSelector(errors, FieldPath.of('nodeTopology'), object.nodeTopology, anyValue);
  subdomain(errors, FieldPath.of('storageClassName'), object.storageClassName);
  if (object.capacity === undefined) return;
  const { nano, text } = parseQuantity(object.capacity);
  if (nano < 0n) errors.invalid(FieldPath.of('capacity'), text, negative);
}

export const validateNewStorageCapacity = (object: CSIStorageCapacity, errors: ErrorList): void =>
  check(object, errors, false);

export function validateStorageCapacityUpdate(
  object: CSIStorageCapacity,
  old: CSIStorageCapacity,
  errors: ErrorList,
): void {
  check(object, errors, hasInvalidSelector(old.nodeTopology));
  unchanged(errors, FieldPath.of('nodeTopology'), object.nodeTopology, old.nodeTopology);
  unchanged(errors, FieldPath.of('storageClassName'), object.storageClassName, old.storageClassName);
}

export const storageCapacityWarnings = ({ nodeTopology }: CSIStorageCapacity): string[] =>
  nodeLabelWarnings(nodeTopology, 'nodeTopology');
