import { since } from '../api/human-duration.ts';
import type { AnyKind, KubeObject } from '../api/object.ts';
import type { Column } from './resource.ts';

/** Column building blocks shared by the kinds. Names, types and priorities follow upstream's printers. */

type Cell = ReturnType<Column['value']>;

export const nameColumn: Column<AnyKind> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  value: (object) => object.metadata?.name ?? '',
};

export const ageColumn: Column<AnyKind> = {
  name: 'Age',
  type: 'string',
  value: (object, now) => since(object.metadata?.creationTimestamp, now),
};

/** A string column that is always shown. */
export function text<T>(name: string, value: (object: T, now: number) => Cell): Column<T> {
  return { name, type: 'string', value };
}

/** A string column shown with `-o wide` only. */
export function wide<T>(name: string, value: (object: T, now: number) => Cell): Column<T> {
  return { name, type: 'string', priority: 1, value };
}

export function integer<T>(name: string, value: (object: T) => number): Column<T> {
  return { name, type: 'integer', value };
}

export function boolean<T>(name: string, value: (object: T) => Cell): Column<T> {
  return { name, type: 'boolean', value };
}

/** What upstream's registries show for a kind that has no printer: the name and the creation time. */
export const defaultColumns: readonly Column<AnyKind>[] = [
  nameColumn,
  { name: 'Created At', type: 'date', value: (object) => object.metadata?.creationTimestamp ?? null },
];

interface ScaleLike extends AnyKind {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/** Of a scale, whatever it scales. Source: `printers/internalversion`, printScale. */
export const scaleColumns: readonly Column<ScaleLike>[] = [
  nameColumn,
  integer('Desired', (scale) => scale.spec?.replicas ?? 0),
  integer('Available', (scale) => scale.status?.replicas ?? 0),
  ageColumn,
];

/** Names and images of a template's containers, as the wide columns of every workload show them. */
export function containerColumns<T>(
  containers: (object: T) => readonly { readonly name?: string; readonly image?: string }[] | undefined,
): Column<T>[] {
  return [
    wide('Containers', (object) => (containers(object) ?? []).map((c) => c.name ?? '').join(',')),
    wide('Images', (object) => (containers(object) ?? []).map((c) => c.image ?? '').join(',')),
  ];
}

/** A label map as a selector string, keys sorted; `<none>` when empty. Source: labels.FormatLabels. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? '<none>' : keys.map((key) => `${key}=${labels?.[key]}`).join(',');
}

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const expressionFormats: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
};

/** A LabelSelector in selector syntax, requirements sorted by key; `<none>` when it selects everything. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const text = selectorText(selector);
  return text === '' ? '<none>' : text;
}

/** As formatSelector, with nothing for an empty selector: what `kubectl get deployments -o wide` shows. */
export function selectorText(selector: LabelSelector | undefined): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const format = expressionFormats[operator];
    if (!format) return '<error>';
    parts.push({ key, text: format(key, [...(values ?? [])].sort().join(',')) });
  }
  return parts
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map((part) => part.text)
    .join(',');
}

/** Up to `max` entries, then "+ N more...". */
export function firstOf(entries: readonly string[], max: number, separator = ','): string {
  const shown = entries.slice(0, max).join(separator);
  return entries.length > max ? `${shown} + ${entries.length - max} more...` : shown;
}

/** The address list of a load balancer. The server always prints wide, so nothing is cut. */
export function loadBalancerAddresses(
  ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined,
): string {
  return [...new Set((ingress ?? []).map((i) => i.ip || i.hostname || '').filter(Boolean))].sort().join(',');
}

/** True/False as upstream's printers write booleans; `<unset>` without a value. */
export function formatBoolean(value: boolean | undefined): string {
  return value === undefined ? '<unset>' : value ? 'True' : 'False';
}

/** A field of an untyped object, for selectable fields and generic columns. */
export function fieldOf(object: KubeObject, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}
