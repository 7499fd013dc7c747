import type { CelType } from './cel-type.ts';
import { quantityVariable } from './library/quantities.ts';
import { semverVariable } from './library/semvers.ts';
import { DefaultMap, ValueMap } from './values/map.ts';
import { JsonMap } from './values/read.ts';

/** What an expression may look at of a device that is offered. Source: dynamic-resource-allocation `cel/compile.go`. */
export interface OfferedDevice {
  readonly driver: string;
  readonly allowMultipleAllocations?: boolean;
  readonly attributes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly capacity?: Readonly<Record<string, { readonly value: string }>>;
}

/** The values of one domain by name: a device without any of that domain has none, which is no error. */
function byDomain(
  driver: string,
  values: Iterable<readonly [name: string, value: unknown]>,
  type: CelType,
): DefaultMap {
  const domains: Record<string, Record<string, unknown>> = {};
  for (const [name, value] of values) {
    const slash = name.indexOf('/');
    const domain = slash < 0 ? driver : name.slice(0, slash);
    (domains[domain] ??= {})[name.slice(slash + 1)] = value;
  }
  return new DefaultMap(new JsonMap(domains, { kind: 'map', key: { kind: 'string' }, value: type }), new ValueMap());
}

/** An attribute is one of several types, as the field says that holds it. */
function attribute(value: Readonly<Record<string, unknown>>): unknown {
  if (value['version'] !== undefined) return semverVariable(value['version'] as string);
  const versions = value['versions'] as readonly string[] | undefined;
  return versions ? versions.map(semverVariable) : Object.values(value)[0];
}

/** The variable `device` of selectors. Throws a fault where a version or quantity is none. */
export function deviceVariable({ driver, attributes = {}, capacity = {}, ...device }: OfferedDevice): unknown {
  const attributeValues = Object.entries(attributes).map(([name, value]) => [name, attribute(value)] as const);
  const capacityValues = Object.entries(capacity).map(([name, { value }]) => [name, quantityVariable(value)] as const);
  return {
    driver,
    allowMultipleAllocations: device.allowMultipleAllocations ?? false,
    attributes: byDomain(driver, attributeValues, { kind: 'dyn' }),
    capacity: byDomain(driver, capacityValues, { kind: 'opaque', name: 'kubernetes.Quantity' }),
  };
}
