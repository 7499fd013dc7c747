import type { KubeObject } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import type { Entry } from '../../store/store.ts';
import { parseFieldSelector, parseLabelSelector } from './selector-port.ts';
import type { Served } from './served.ts';

/** What a list or watch asks for, worked out once. */
export interface Selection {
  /** Whether an object is selected. Absent when everything is. */
  readonly keeps: ((object: KubeObject) => boolean) | undefined;
  /** The store index that narrows the search. */
  readonly index: { readonly name: string; readonly value: string } | undefined;
  /** `metadata.name=` of the field selector. */
  readonly name: string | undefined;
  /** `metadata.namespace=` of the field selector. */
  readonly namespace: string | undefined;
}

const everything: Selection = { keeps: undefined, index: undefined, name: undefined, namespace: undefined };

/** Parses the selectors of a request. Throws the 400 Status with upstream's text. */
export function selectionOf(served: Served, options: CallOptions): Selection {
  if (!options.labelSelector && !options.fieldSelector) return everything;
  const labels = options.labelSelector ? parseLabelSelector(options.labelSelector) : undefined;
  const fields = options.fieldSelector ? parseFieldSelector(options.fieldSelector) : [];
  const checks: ((object: KubeObject) => boolean)[] = [];
  if (labels) checks.push((object) => labels(object.metadata.labels));
  let index: Selection['index'];
  let name: string | undefined;
  let namespace: string | undefined;
  for (const { field, operator, value } of fields) {
    const read = fieldReader(served, field);
    if (!read)
      throw badRequest(
        served.rules.selectableFields
          ? `field label not supported: ${field}`
          : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    const equal = operator === '=';
    if (equal && field === 'metadata.name') name = value;
    if (equal && field === 'metadata.namespace') namespace = value;
    if (equal && served.rules.indexes?.[field] && value !== '') index = { name: field, value };
    checks.push((object) => (read(object) === value) === equal);
  }
  const keeps =
    checks.length === 1 ? checks[0]! : (object: KubeObject) => checks.every((check) => check(object));
  return { keeps, index, name, namespace };
}

function fieldReader(served: Served, field: string): ((object: KubeObject) => string) | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name ?? '';
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  return served.rules.selectableFields?.[field];
}

/** A selection as a filter on entries; undefined when it keeps everything. */
export const entryFilter = (selection: Selection): ((entry: Entry) => boolean) | undefined => {
  const keeps = selection.keeps;
  return keeps && ((entry) => keeps(entry.object));
};
