import { deviceClasses } from '../../api/kinds.gen.ts';
import type { DeviceClass } from '../../api/types/resource-v1.gen.ts';
import type { Informer } from '../../client/informer.ts';
import type { Informers } from '../../client/informers.ts';
import { oncePer } from '../once-per.ts';
import type { NodeSlot } from '../state/node-table.ts';
import type { Demand } from '../state/pod-info.ts';

/** Every class can be asked for by this and its name. */
export const classPrefix = 'deviceclass.resource.kubernetes.io/';

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
    this.#byResource ??= byResource(this.#classes.values());
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

/** Of several classes for one resource the newest counts, of equals the first by name. */
function byResource(classes: Iterable<DeviceClass>): Map<string, DeviceClass> {
  const found = new Map<string, DeviceClass>();
  for (const one of classes) {
    const resource = one.spec.extendedResourceName;
    if (!resource) continue;
    const other = found.get(resource);
    if (!other || goesBefore(one, other)) found.set(resource, one);
  }
  return found;
}

function goesBefore({ metadata: a }: DeviceClass, { metadata: b }: DeviceClass): boolean {
  const [since, than] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  return since === than ? (a.name ?? '') < (b.name ?? '') : since > than;
}

/** Whether a node has none of a resource of its own, so that devices may stand for it. */
export const isLackedBy = ({ scalars }: NodeSlot, resource: string): boolean => !scalars.get(resource);
