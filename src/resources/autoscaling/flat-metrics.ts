import { defined, type Tree } from '../tree.ts';

/**
 * Metrics in the flat form of autoscaling/v2beta1, which v1 keeps in annotations: the target's fields beside the name.
 * Source: kubernetes `pkg/apis/autoscaling/v2beta1/conversion.go`.
 */

const sources = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
} as const;

/** The field that holds a metric of this type; undefined for a type that there is not. */
const sourceOf = (type: unknown): (typeof sources)[keyof typeof sources] | undefined =>
  Object.hasOwn(sources, String(type)) ? sources[type as keyof typeof sources] : undefined;

export const child = (object: Tree | undefined, name: string): Tree => (object?.[name] ?? {}) as Tree;

/** One v2 metric (spec with `target`, status with `current`) in flat form. */
export function flatten(metric: Tree, side: 'target' | 'current'): Tree {
  const key = sourceOf(metric['type']);
  if (!key) return metric;
  const { metric: identifier, describedObject, [side]: value, ...rest } = child(metric, key);
  const { name, selector } = (identifier ?? {}) as Tree;
  const { averageUtilization, averageValue, value: total } = (value ?? {}) as Tree;
  const upper = (word: string) => `${side}${word}`;
  const flat: Tree =
    key === 'object'
      ? { target: describedObject, metricName: name, selector, averageValue, [upper('Value')]: total ?? '0' }
      : key === 'external'
        ? { metricName: name, metricSelector: selector, [upper('Value')]: total, [upper('AverageValue')]: averageValue }
        : key === 'pods'
          ? { metricName: name, selector, [upper('AverageValue')]: averageValue }
          : { ...rest, [upper('AverageUtilization')]: averageUtilization, [upper('AverageValue')]: averageValue };
  return { type: metric['type'], [key]: defined(flat) };
}

/** The total of an Object metric, which the flat form always writes: of an average only one that was measured is meant. */
function objectTotal(flat: Tree, side: 'target' | 'current'): unknown {
  const total = flat[`${side}Value`];
  if (flat['averageValue'] === undefined) return total;
  return side === 'current' && total !== '0' ? total : undefined;
}

/** The inverse of flatten. */
export function unflatten(metric: Tree, side: 'target' | 'current'): Tree {
  const key = sourceOf(metric['type']);
  if (!key) return metric;
  const flat = child(metric, key);
  const field = (word: string) => flat[`${side}${word}`];
  const value = (averageValue: unknown, total: unknown, averageUtilization?: unknown): Tree => ({
    ...(side === 'target' && {
      type: averageUtilization !== undefined ? 'Utilization' : averageValue !== undefined ? 'AverageValue' : 'Value',
    }),
    ...defined({ averageUtilization, averageValue, value: total }),
  });
  const nested: Tree =
    key === 'object'
      ? {
          describedObject: flat['target'],
          metric: defined({ name: flat['metricName'], selector: flat['selector'] }),
          [side]: value(flat['averageValue'], objectTotal(flat, side)),
        }
      : key === 'external'
        ? {
            metric: defined({ name: flat['metricName'], selector: flat['metricSelector'] }),
            [side]: value(field('AverageValue'), field('Value')),
          }
        : key === 'pods'
          ? {
              metric: defined({ name: flat['metricName'], selector: flat['selector'] }),
              [side]: value(field('AverageValue'), undefined),
            }
          : {
              ...defined({ name: flat['name'], container: flat['container'] }),
              [side]: value(field('AverageValue'), undefined, field('AverageUtilization')),
            };
  return { type: metric['type'], [key]: nested };
}
