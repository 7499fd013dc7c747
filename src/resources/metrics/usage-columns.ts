import type { AnyKind } from '../../api/object.ts';
import { addQuantities } from '../../api/quantity.ts';
import { nameColumn } from '../columns.ts';
import type { Column } from '../resource.ts';

type ResourceList = Readonly<Record<string, string>>;

interface Measured extends AnyKind {
  readonly window: string;
}

/** What metrics-server prints of a kind: an amount of each resource, and over what time. Source: metrics-server `pkg/api/table.go`. */
export function usageColumns<T extends Measured>(usage: (object: T) => readonly ResourceList[]): Column<T>[] {
  const amount = (resource: string): Column<T> => ({
    name: resource,
    type: 'string',
    format: 'quantity',
    value: (object) => usage(object).reduce((sum, list) => addQuantities(sum, list[resource] ?? '0'), '0'),
  });
  return [
    nameColumn,
    amount('cpu'),
    amount('memory'),
    { name: 'Window', type: 'string', format: 'duration', value: ({ window = '0s' }) => window },
  ];
}
