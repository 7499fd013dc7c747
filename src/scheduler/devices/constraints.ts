import type { DeviceAttribute, DeviceConstraint } from '../../api/types/resource-v1.gen.ts';
import type { DeviceDemand } from './demands.ts';
import { attributeOf, type OfferedDevice } from './device.ts';

/** Rules about all devices of a claim together. Source: structured/internal/…/constraint.go. */
export interface Constraint {
  /** Takes a device into account, if that breaks nothing. */
  add(demand: DeviceDemand, device: OfferedDevice): boolean;
  /** Undoes the last `add` that succeeded, which was of the same. */
  remove(demand: DeviceDemand): void;
}

/** The values of an attribute, each with its type: a version is no string. */
function valuesOf(attribute: DeviceAttribute): Set<string> {
  const found = new Set<string>();
  for (const [field, value] of Object.entries(attribute)) {
    const type = field.replace(/s$/, '');
    for (const one of Array.isArray(value) ? value : [value]) found.add(`${type}:${one}`);
  }
  return found;
}

/** Which values there may be after one more device; undefined where it must not be added. */
type Step = (before: ReadonlySet<string> | undefined, values: ReadonlySet<string>) => ReadonlySet<string> | undefined;

/** All devices have some value in common. */
const common: Step = (before, values) => {
  const shared = before ? new Set([...values].filter((value) => before.has(value))) : values;
  return shared.size > 0 ? shared : undefined;
};

/** No two devices have a value in common. */
const distinct: Step = (before, values) => {
  if (!before) return values;
  return [...values].some((value) => before.has(value)) ? undefined : new Set([...before, ...values]);
};

class AttributeConstraint implements Constraint {
  readonly #requests: ReadonlySet<string>;
  readonly #attribute: string;
  readonly #step: Step;
  readonly #states: ReadonlySet<string>[] = [];

  constructor(requests: readonly string[], attribute: string, step: Step) {
    this.#requests = new Set(requests);
    this.#attribute = attribute;
    this.#step = step;
  }

  add(demand: DeviceDemand, device: OfferedDevice): boolean {
    if (!this.#concerns(demand)) return true;
    const attribute = attributeOf(device, this.#attribute);
    const next = attribute && this.#step(this.#states.at(-1), valuesOf(attribute));
    if (!next) return false;
    this.#states.push(next);
    return true;
  }

  remove(demand: DeviceDemand): void {
    if (this.#concerns(demand)) this.#states.pop();
  }

  #concerns({ request, name }: DeviceDemand): boolean {
    return this.#requests.size === 0 || this.#requests.has(request) || this.#requests.has(name);
  }
}

export function constraintOf({ requests = [], matchAttribute, distinctAttribute }: DeviceConstraint): Constraint {
  if (matchAttribute !== undefined) return new AttributeConstraint(requests, matchAttribute, common);
  return new AttributeConstraint(requests, distinctAttribute ?? '', distinct);
}
