import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { badRequest, invalid } from '../../api/status.ts';
import type { CallOptions } from '../../client/call.ts';
import { isTrue } from '../filters/request-info.ts';

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

/** The kind of options that a verb has, as errors name it; other verbs do not look at what is only about writing. */
const writeOptions: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};

function unsupported(verb: string, field: string, value: unknown, supported: readonly string[]): void {
  const kind = writeOptions[verb];
  if (!kind) return;
  const errors = new ErrorList();
  errors.notSupported(FieldPath.of(field), value, supported);
  throw invalid({ group: 'meta.k8s.io', kind }, '', errors.errors);
}

/** Whether these values of dryRun ask for a dry run. Throws the 422 for values that mean nothing. */
export function isDryRun(verb: string, values: readonly string[]): boolean {
  if (values.some((value) => value !== 'All')) unsupported(verb, 'dryRun', values, ['All']);
  return values.length > 0;
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
  dryRun: (o, v, verb) => void (o.dryRun = isDryRun(verb, [v])),
  fieldManager: (o, v) => void (o.fieldManager = v),
  fieldValidation: (o, v, verb) => {
    if (!validations.includes(v)) unsupported(verb, 'fieldValidation', v, ['', ...validations]);
    o.fieldValidation = v as 'Warn';
  },
  force: (o, v) => void (o.force = isTrue(v)),
  gracePeriodSeconds: (o, v) => void (o.gracePeriodSeconds = integer('gracePeriodSeconds', v)),
  propagationPolicy: (o, v) => void (o.propagationPolicy = v as 'Background'),
  orphanDependents: (o, v) => void (o.orphanDependents = isTrue(v)),
};

/** Reads the options of a query for a verb. Unknown parameters and empty values mean nothing. Throws 400 and 422 Statuses. */
export function queryOptions(verb: string, queryText: string, query: () => URLSearchParams): CallOptions {
  if (queryText === '') return none;
  const options: Draft = {};
  for (const [name, value] of query())
    if (value !== '' && Object.hasOwn(readers, name)) readers[name]!(options, value, verb);
  return options;
}
