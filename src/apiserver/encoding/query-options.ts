import { badRequest, invalid } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import { isTrue } from '../filters/request-info.ts';

type Draft = { -readonly [K in keyof CallOptions]: CallOptions[K] };
type Reader = (options: Draft, value: string) => void;

const none: CallOptions = Object.freeze({});

const integer = (name: string, value: string): number => {
  if (!/^-?[0-9]{1,18}$/.test(value))
    throw badRequest(
      `unable to convert query parameter ${JSON.stringify(name)}: strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`,
    );
  return Number(value);
};

function unsupported(field: string, value: string, supported: string): never {
  const body = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  throw invalid({ group: 'meta.k8s.io', kind: 'Options' }, '', [
    { type: 'FieldValueNotSupported', field, body, text: `${field}: ${body}` },
  ]);
}

const validations: readonly string[] = ['Ignore', 'Warn', 'Strict'];

/** Every query parameter of ListOptions, DeleteOptions and the write options. */
const readers: Readonly<Record<string, Reader>> = {
  labelSelector: (o, v) => void (o.labelSelector = v),
  fieldSelector: (o, v) => void (o.fieldSelector = v),
  limit: (o, v) => void (o.limit = Math.max(0, integer('limit', v))),
  continue: (o, v) => void (o.continue = v),
  resourceVersion: (o, v) => void (o.resourceVersion = v),
  resourceVersionMatch: (o, v) => void (o.resourceVersionMatch = v as 'Exact'),
  sendInitialEvents: (o, v) => void (o.sendInitialEvents = isTrue(v)),
  allowWatchBookmarks: (o, v) => void (o.allowWatchBookmarks = isTrue(v)),
  timeoutSeconds: (o, v) => void (o.timeoutSeconds = integer('timeoutSeconds', v)),
  dryRun: (o, v) => {
    if (v !== 'All') unsupported('dryRun', v, '"All"');
    o.dryRun = true;
  },
  fieldManager: (o, v) => void (o.fieldManager = v),
  fieldValidation: (o, v) => {
    if (!validations.includes(v)) unsupported('fieldValidation', v, '"", "Ignore", "Strict", "Warn"');
    o.fieldValidation = v as 'Warn';
  },
  force: (o, v) => void (o.force = isTrue(v)),
  gracePeriodSeconds: (o, v) => void (o.gracePeriodSeconds = integer('gracePeriodSeconds', v)),
  propagationPolicy: (o, v) => void (o.propagationPolicy = v as 'Background'),
  orphanDependents: (o, v) => void (o.orphanDependents = isTrue(v)),
};

/** Reads the options of a query. Unknown parameters and empty values mean nothing. Throws 400 and 422 Statuses. */
export function queryOptions(queryText: string, query: () => URLSearchParams): CallOptions {
  if (queryText === '') return none;
  const options: Draft = {};
  for (const [name, value] of query()) if (value !== '' && Object.hasOwn(readers, name)) readers[name]!(options, value);
  return options;
}
