import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { CSIStorageCapacity } from '../../api/types/storage-v1.gen.ts';
import { negative, subdomain, unchanged } from '../rules/check.ts';
import { hasInvalidSelector, labelSelector } from '../rules/labels.ts';
import { nodeLabelWarnings } from '../rules/node-labels.ts';

/** Rules of CSIStorageCapacities. Source: storage/validation ValidateCSIStorageCapacity. */

export function validateStorageCapacity(object: CSIStorageCapacity, errors: ErrorList, old?: CSIStorageCapacity): void {
  const topology = FieldPath.of('nodeTopology');
  labelSelector(errors, topology, object.nodeTopology, hasInvalidSelector(old?.nodeTopology));
  const className = FieldPath.of('storageClassName');
  subdomain(errors, className, object.storageClassName);
  if (object.capacity !== undefined) {
    const { nano, text } = parseQuantity(object.capacity);
    if (nano < 0n) errors.invalid(FieldPath.of('capacity'), text, negative);
  }
  if (!old) return;
  unchanged(errors, topology, object.nodeTopology, old.nodeTopology);
  unchanged(errors, className, object.storageClassName, old.storageClassName);
}

export const storageCapacityWarnings = ({ nodeTopology }: CSIStorageCapacity): string[] =>
  nodeLabelWarnings(nodeTopology, 'nodeTopology');
