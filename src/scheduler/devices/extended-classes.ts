import { deviceClasses } from '../../api/kinds.gen.ts';
import type { DeviceClass } from '../../api/types/resource-v1.gen.ts';
import type { Informer } from '../../client/informer.ts';
import type { Informers } from '../../client/informers.ts';
import { classesByResource, classPrefix } from '../../resources/resource/extended-classes.ts';
import { oncePer } from '../once-per.ts';
import type { NodeSlot } from '../state/node-table.ts';
import type { Demand } from '../state/pod-info.ts';

const nothing: readonly string[] = [];

/**
 * Which devices stand for which extended resources, where a node's own do not. Source: dynamicresources `extended/cache.go`.
 */
export class ExtendedClasses {
  readonly #classes: Informer<DeviceClass>;
  #byResource: ReadonlyMap<string, DeviceClass> | undefined;

  constructor(classes: Informer<DeviceClass>) {
    this.#classes = classes;
    const outdated = () => {
      this.#byResource = undefined;
    };
    classes.on({ added: outdated, updated: outdated, deleted: outdated });
  }

  /** The class whose devices stand for a resource. */
  of(resource: string): DeviceClass | undefined {
    if (resource.startsWith(classPrefix)) return this.#classes.get(resource.slice(classPrefix.length));
    this.#byResource ??= classesByResource(this.#classes.values());
    return this.#byResource.get(resource);
  }

  /** The resources that are asked for and devices may stand for, by name. */
  among({ scalars }: Demand): readonly string[] {
    if (scalars.size === 0 || this.#classes.size === 0) return nothing;
    return [...scalars].flatMap(([name, value]) => (value > 0 && this.of(name) ? [name] : [])).sort();
  }
}

export const extendedClassesOf = oncePer(
  (informers: Pick<Informers, 'of'>) => new ExtendedClasses(informers.of(deviceClasses)),
);

/** Whether a node has none of a resource of its own, so that devices may stand for it. */
export const isLackedBy = ({ scalars }: NodeSlot, resource: string): boolean => !scalars.get(resource);
