import { quantityValue } from '../../api/quantity.ts';
import { labelSelectorOf } from '../../api/selector.ts';
import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { CSIStorageCapacity } from '../../api/types/storage-v1.gen.ts';
import { type IndexFunction, indexBy } from '../../client/index-map.ts';
import { requestOf } from '../../resources/storage/volume-match.ts';
import type { NodeSlot } from '../state/node-table.ts';

/** What drivers say of the room they have, by class. */
export const capacitiesByClass: IndexFunction<CSIStorageCapacity> = indexBy(
  'class',
  ({ storageClassName }) => storageClassName,
);

/** The largest volume there is room for; undefined when that is not known. Source: volumebinding `volumeLimit`. */
export const volumeLimit = ({ maximumVolumeSize, capacity }: CSIStorageCapacity): string | undefined =>
  maximumVolumeSize ?? capacity;

/** Of a class's capacities, one that the node reaches and that has room for the claim (hasEnoughCapacity). */
export function roomFor(
  claim: PersistentVolumeClaim,
  capacities: readonly CSIStorageCapacity[],
  { labels }: NodeSlot,
): CSIStorageCapacity | undefined {
  const wanted = quantityValue(requestOf(claim));
  return capacities.find((capacity) => {
    const limit = volumeLimit(capacity);
    const { nodeTopology } = capacity;
    return (
      limit !== undefined &&
      quantityValue(limit) >= wanted &&
      nodeTopology !== undefined &&
      labelSelectorOf(nodeTopology).matches(labels)
    );
  });
}
