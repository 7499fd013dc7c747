import type { Node } from '../../api/types/core-v1.gen.ts';

/** Sizes in bytes by image name, as a node reports them. */
export type ImageSizes = ReadonlyMap<string, number>;

export const noImages: ImageSizes = new Map();
const nowhere: ReadonlyMap<number, number> = new Map();

/** Which images are on which nodes. */
export class NodeImages {
  readonly #holders = new Map<string, Map<number, number>>();

  /** By slot, the size of an image on the nodes that have it. */
  holders(image: string): ReadonlyMap<number, number> {
    return this.#holders.get(image) ?? nowhere;
  }

  /** A node has other images now; its images so far are `before`. Returns what it has. */
  change(slot: number, before: ImageSizes, node: Node | undefined): ImageSizes {
    const after = sizesOf(node);
    for (const image of before.keys()) if (!after.has(image)) this.#drop(image, slot);
    for (const [image, size] of after) {
      const holders = this.#holders.get(image);
      if (holders) holders.set(slot, size);
      else this.#holders.set(image, new Map([[slot, size]]));
    }
    return after;
  }

  #drop(image: string, slot: number): void {
    const holders = this.#holders.get(image);
    holders?.delete(slot);
    if (holders?.size === 0) this.#holders.delete(image);
  }
}

function sizesOf(node: Node | undefined): ImageSizes {
  const images = node?.status?.images ?? [];
  if (images.length === 0) return noImages;
  const sizes = new Map<string, number>();
  for (const { names, sizeBytes } of images) for (const name of names ?? []) sizes.set(name, sizeBytes ?? 0);
  return sizes;
}
