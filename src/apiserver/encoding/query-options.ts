import { FieldPath } from '../../api/field-errors.ts';
import { badRequest } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import { isTrue } from '../filters/request-info.ts';
import { checkDryRun, checkOptions, optionsOf } from '../registry/write-options.ts';

type Draft = { -readonly [K in keyof CallOptions]: CallOptions[K] };
type Reader = (options: Draft, value: string, verb: string) => void;

const none: CallOptions = Object.freeze({});

const integer = (name: string, value: string): number => {
  if (!/^-?[0-9]{1,18}$/.test(value))
    throw badRequest(
      `unable to convert query parameter ${JSON.stringify(name)}: strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`,
    );
  return Number(value);
};

const validations: readonly string[] = ['', 'Ignore', 'Warn', 'Strict'];

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
  dryRun: (o, v, verb) => {
    const kind = optionsOf(verb);
    if (!kind) return;
    checkDryRun(kind, [v]);
    o.dryRun = true;
  },
  fieldManager: (o, v) => void (o.fieldManager = v),
  fieldValidation: (o, v, verb) => {
    const kind = optionsOf(verb);
    if (!kind || kind === 'DeleteOptions') return;
    if (!validations.includes(v)) {
      checkOptions(kind, (errors) => errors.notSupported(FieldPath.of('fieldValidation'), v, validations));
    }
    o.fieldValidation = v as 'Warn';
  },
  force: (o, v) => void (o.force = isTrue(v)),
  gracePeriodSeconds: (o, v) => void (o.gracePeriodSeconds = integer('gracePeriodSeconds', v)),
  propagationPolicy: (o, v) => void (o.propagationPolicy = v as 'Background'),
  orphanDependents: (o, v) => void (o.orphanDependents = isTrue(v)),
};

/**
 * Reads the options of a query, as far as they are the verb's. Unknown parameters and empty values mean nothing. Throws 400
 * and 422 Statuses.
 */
export function queryOptions(queryText: string, query: () => URLSearchParams, verb: string): CallOptions {
  if (queryText === '') return none;
  const options: Draft = {};
  for (const [name, value] of query())
    if (value !== '' && Object.hasOwn(readers, name)) readers[name]!(options, value, verb);
  return options;
}
