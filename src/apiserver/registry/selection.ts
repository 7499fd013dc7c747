import { type FieldSelector, parseFieldSelector } from '../../api/field-selector.ts';
import type { KubeObject } from '../../api/object.ts';
import { type LabelSelector, parseLabelSelector, SelectorError } from '../../api/selector.ts';
import { badRequest } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import type { Entry, WatchOptions } from '../../store/store.ts';
import type { Served } from './served.ts';
import { working } from './versions.ts';

/** What a list or watch asks for, worked out once. */
export interface Selection {
  /** Whether an object is selected. Absent when everything is. */
  readonly keeps: ((object: KubeObject) => boolean) | undefined;
  /** The store index that narrows the search of lists and watches. */
  readonly index: { readonly name: string; readonly value: string } | undefined;
  /** A field or label that narrows a watch, by an index that lives as long as it is watched; where no better one is. */
  readonly watchIndex: WatchOptions['index'];
  /** `metadata.name=` of the field selector. */
  readonly name: string | undefined;
  /** `metadata.namespace=` of the field selector. */
  readonly namespace: string | undefined;
}

const everything: Selection = {
  keeps: undefined,
  index: undefined,
  watchIndex: undefined,
  name: undefined,
  namespace: undefined,
};

/** Parses the selectors of a request. What it keeps is judged in the version the verbs work in. Throws the 400 Status with upstream's text. */
export function selectionOf(served: Served, options: CallOptions): Selection {
  if (!options.labelSelector && !options.fieldSelector) return everything;
  try {
    return parseSelection(served, options);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function parseSelection(served: Served, options: CallOptions): Selection {
  const labels = parseLabelSelector(options.labelSelector ?? '');
  const fields = parseFieldSelector(options.fieldSelector ?? '');
  const readers = new Map(fields.terms.map((term) => [term.field, readerOf(served, term.field)]));
  const index = Object.keys(served.rules.indexes ?? {}).find((field) => fields.exactValue(field));
  return {
    keeps:
      labels.empty && fields.empty
        ? undefined
        : (stored) => {
            const object = working(served, stored);
            return labels.matches(object.metadata.labels) && fields.matches((field) => readers.get(field)!(object));
          },
    index: index === undefined ? undefined : { name: index, value: fields.exactValue(index)! },
    watchIndex: index === undefined ? watchIndexOf(served, labels, fields, readers) : undefined,
    name: fields.exactValue('metadata.name') || undefined,
    namespace: fields.exactValue('metadata.namespace') || undefined,
  };
}

/** Fields that tell objects apart best come first. */
const narrowness: readonly RegExp[] = [/\.uid$/, /[nN]ame$/, /./];

/**
 * The narrowest field of which one value is wanted, or else a label. Custom resources have none: a stored one may first have
 * to be converted.
 */
function watchIndexOf(
  served: Served,
  labels: LabelSelector,
  fields: FieldSelector,
  readers: ReadonlyMap<string, (object: KubeObject) => string>,
): WatchOptions['index'] {
  if (served.custom) return undefined;
  const terms = fields.terms.filter((term) => term.equal && !term.field.startsWith('metadata.'));
  for (const narrow of narrowness) {
    const term = terms.find(({ field }) => narrow.test(field));
    if (term) return { name: `field ${term.field}`, value: term.value, read: readers.get(term.field)! };
  }
  const label = labels.requirements.find(({ key }) => labels.exactValue(key) !== undefined);
  if (!label) return undefined;
  const { key } = label;
  const read = ({ metadata: { labels: own } }: KubeObject) => (own && Object.hasOwn(own, key) ? own[key] : undefined);
  return { name: `label ${key}`, value: labels.exactValue(key)!, read };
}

function readerOf(served: Served, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name ?? '';
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  const selectable = served.rules.selectableFields;
  const read = selectable?.[field];
  if (read) return read;
  throw badRequest(
    selectable
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** A selection as a filter on entries; undefined when it keeps everything. */
export const entryFilter = (selection: Selection): ((entry: Entry) => boolean) | undefined => {
  const { keeps, name } = selection;
  if (!keeps) return undefined;
  // The key is at hand; the object may have to be read and parsed first.
  if (name !== undefined) return (entry) => entry.key.name === name && keeps(entry.object);
  return (entry) => keeps(entry.object);
};
