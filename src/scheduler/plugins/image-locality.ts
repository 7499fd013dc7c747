import { maxScore, type Plugin } from '../plugin.ts';

const mebibyte = 1024 * 1024;
/** Less is not worth a preference; more, per container, counts no further. */
const leastBytes = 23 * mebibyte;
const mostBytes = 1000 * mebibyte;

/** Prefers nodes that have the pod's images, weighed by how many nodes have them so that no node draws everything. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  score({ images }, nodes, feasible) {
    const known = images.filter((image) => nodes.imageSpread(image) > 0);
    if (known.length === 0) return undefined;
    const most = mostBytes * images.length;
    return Float64Array.from(feasible, (slot) => {
      const local = nodes.slots[slot]!.images;
      let bytes = 0;
      for (const image of known) {
        bytes += Math.trunc((local.get(image) ?? 0) * (nodes.imageSpread(image) / nodes.size));
      }
      const bounded = Math.min(Math.max(bytes, leastBytes), most);
      return Math.trunc((maxScore * (bounded - leastBytes)) / (most - leastBytes));
    });
  },
};
