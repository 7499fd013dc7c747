import { since } from '../../api/human-duration.ts';
import { integerOf, isBigInteger } from '../../api/json-number.ts';
import { type JsonPath, JsonPathError, parseJsonPath } from '../../api/json-path.ts';
import type { KubeObject } from '../../api/object.ts';
import { canonicalTime } from '../../api/time.ts';
import type { CustomResourceColumnDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { nameColumn } from '../../resources/columns.ts';
import type { Column } from '../../resources/resource.ts';

/** What `kubectl get` shows of a custom resource. Source: apiextensions `registry/customresource/tableconvertor`. */

type Cell = ReturnType<Column['value']>;
type ToCell = (value: unknown, now: number) => Cell;

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : isBigInteger(value) ? Number(integerOf(value)) : undefined;

/** A value as Go prints it: text bare, lists and objects as JSON. */
const printed = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? 'null' : JSON.stringify(value);

function age(value: unknown, now: number): Cell {
  if (typeof value !== 'string') return null;
  try {
    return since(canonicalTime(value), now);
  } catch {
    // Not a time.
    return '<invalid>';
  }
}

const cells: Readonly<Record<string, ToCell>> = {
  integer: (value) => {
    const number = numberOf(value);
    return number === undefined ? null : Math.trunc(number);
  },
  number: (value) => numberOf(value) ?? null,
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  string: printed,
  date: age,
};

function columnOf(definition: CustomResourceColumnDefinition, path: JsonPath): Column {
  const { name, type, format, description, priority, jsonPath } = definition;
  const toCell = cells[type] ?? (() => null);
  return {
    name,
    type: type as Column['type'],
    ...(format && { format }),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    ...(priority && { priority }),
    value: (object: KubeObject, now: number) => {
      const [value] = path(object);
      return value === undefined || (value === null && type !== 'string') ? null : toCell(value, now);
    },
  };
}

const ageColumn: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns of a version: the name, then its own, or the age. Those from the first one on that cannot be read are left out. */
export function columnsOf(definitions: readonly CustomResourceColumnDefinition[] | undefined): readonly Column[] {
  const columns: Column[] = [nameColumn as Column];
  for (const definition of definitions?.length ? definitions : [ageColumn]) {
    const path = readable(definition.jsonPath);
    if (!path) break;
    columns.push(columnOf(definition, path));
  }
  return columns;
}

/** A path, or undefined for one that cannot be read. */
export function readable(jsonPath: string): JsonPath | undefined {
  try {
    return parseJsonPath(jsonPath);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

/** The fields a version may be selected by, and how each is read. Source: `customResourceStrategy.selectableFields`. */
export function selectableFieldsOf(
  fields: readonly { readonly jsonPath: string }[] | undefined,
): Record<string, (object: KubeObject) => string> {
  return Object.fromEntries(
    (fields ?? []).map(({ jsonPath }) => {
      const path = readable(jsonPath);
      const read = (object: KubeObject) => {
        const value = path?.(object)[0];
        return value === undefined || value === null ? '' : printed(value);
      };
      return [jsonPath.replace(/^\./, ''), read] as const;
    }),
  );
}
