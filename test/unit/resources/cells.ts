import { resourceFor } from '../../../src/resources/index.ts';

/** The moment "now" of cell tests. */
export const now = Date.parse('2026-01-01T12:00:00Z');

/** `now` minus some seconds, as a timestamp. */
export const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

/** The cells of one object by header, as the server would put them into a Table. */
export function cells(name: string, object: Record<string, unknown>): Record<string, unknown> {
  const [resource = '', group = '', version = 'v1'] = name.split('/');
  const definition = resourceFor(group, version, resource);
  if (!definition) throw new Error(`no resource ${name}`);
  const metadata = { name: 'a', creationTimestamp: ago(90), ...(object['metadata'] as object) };
  const whole = { apiVersion: 'v1', kind: definition.kind, ...object, metadata };
  return Object.fromEntries(definition.columns.map((column) => [column.name, column.value(whole, now)]));
}
