import { maxScore, type Plugin } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';

const mebibyte = 1024 * 1024;
/** Less is not worth a preference; more, per container, counts no further. */
const leastBytes = 23 * mebibyte;
const mostBytes = 1000 * mebibyte;

/** By slot: the bytes a node need not pull, weighed by how many nodes have them so that no node draws everything. */
function savedBytes(images: readonly string[], nodes: NodeTable): Float64Array {
  const bytes = new Float64Array(nodes.slots.length);
  for (const image of images) {
    const holders = nodes.images.holders(image);
    for (const [slot, size] of holders) bytes[slot]! += Math.trunc(size * (holders.size / nodes.size));
  }
  return bytes;
}

/** Prefers nodes that have the pod's images. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  score({ images, volumeImages }, nodes, feasible) {
    const all = volumeImages.length > 0 ? [...images, ...volumeImages] : images;
    if (!all.some((image) => nodes.images.holders(image).size > 0)) return undefined;
    const bytes = savedBytes(all, nodes);
    // As upstream has it, images of volumes count, but leave no room for more.
    const most = mostBytes * images.length;
    const scores = new Float64Array(feasible.length);
    for (let i = 0; i < feasible.length; i++) {
      const bounded = Math.min(Math.max(bytes[feasible[i]!]!, leastBytes), most);
      scores[i] = Math.trunc((maxScore * (bounded - leastBytes)) / (most - leastBytes));
    }
    return scores;
  },
};
