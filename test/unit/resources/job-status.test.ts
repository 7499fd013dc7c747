import { expect, test } from 'vitest';
import { ErrorList } from '../../../src/api/field-errors.ts';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import { thaw } from '../../../src/api/object.ts';
import { context, create, definition, read, set } from './rules-kit.ts';

const jobs = 'jobs/batch';
const pods = 'template: {spec: {containers: [{name: c, image: i}], restartPolicy: Never}}';

function job(spec: string, status: string): KubeObject {
  const { object } = create(jobs, `{metadata: {uid: u}, spec: {${pods}${spec && `, ${spec}`}}}`);
  object['status'] = read(`{status: {${status}}}`)['status'];
  return object as KubeObject;
}

/** A status update: both statuses and the spec are flow-style fields. */
function reported(spec: string, before: string, after: string): string[] {
  const old = job(spec, before);
  const object = thaw(old) as Mutable<KubeObject>;
  object['status'] = read(`{status: {${after}}}`)['status'];
  const errors = new ErrorList();
  definition(jobs).status!.validateUpdate!(object, old, errors, context);
  return errors.errors.map(({ text }) => text);
}

const indexed = 'completionMode: Indexed, completions: 5, parallelism: 2';

test.each<[string, string, string, string[]]>([
  ['indexes', indexed, 'completedIndexes: "0,2-4"', []],
  [
    'indexes that there are not',
    indexed,
    'completedIndexes: "0-5"',
    ['status.completedIndexes: Invalid value: "0-5": error parsing completedIndexes: too large index: "5"'],
  ],
  [
    'indexes of a job that has none',
    'completions: 5',
    'completedIndexes: "0"',
    [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
    ],
  ],
  [
    'failed indexes of a job that does not count them',
    indexed,
    'failedIndexes: "1-1-1"',
    [
      `status.failedIndexes: Invalid value: "1-1-1": error parsing failedIndexes: the fragment "1-1-1" violates the requirement that an index interval can have at most two parts separated by '-'`,
      'status.failedIndexes: Invalid value: "1-1-1": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  ],
  [
    'indexes that both failed and succeeded',
    `${indexed}, backoffLimitPerIndex: 1`,
    'completedIndexes: "0,3-4", failedIndexes: "1-3"',
    ['status.failedIndexes: Invalid value: "1-3": failedIndexes and completedIndexes overlap at index: 3'],
  ],
])('a job reports %s', (_what, spec, status, expected) => {
  expect(reported(spec, '', status)).toEqual(expected);
});

test('an indexed job that shrinks loses successes, no other does', () => {
  expect(reported('completionMode: Indexed, completions: 2, parallelism: 2', 'succeeded: 2', 'succeeded: 1')).toEqual(
    [],
  );
  expect(reported('completions: 2, parallelism: 1', 'succeeded: 2', 'succeeded: 1')).toEqual([
    'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
  ]);
});

test('a job that runs keeps its start time', () => {
  const [first, second] = ['startTime: "2026-01-01T00:00:00Z"', 'startTime: "2026-01-02T00:00:00Z"'];
  const refused = (value: string) =>
    `status.startTime: Invalid value: ${value}: field is immutable for unsuspended job once set`;
  expect(reported('', '', first)).toEqual([]);
  expect(reported('', first, second)).toEqual([refused('"2026-01-02T00:00:00Z"')]);
  expect(reported('', first, '')).toEqual([refused('null')]);
  expect(reported('suspend: true', first, '')).toEqual([]);
  const resumed = 'conditions: [{type: Suspended, status: "False"}]';
  expect(reported('', `${first}, conditions: [{type: Suspended, status: "True"}]`, `${second}, ${resumed}`)).toEqual(
    [],
  );
});

const done = (...types: string[]) =>
  `completionTime: "2026-01-01T00:00:00Z", conditions: [${types.map((type) => `{type: ${type}, status: "True"}`).join(', ')}]`;

test('a suspended job without completions is complete before it starts', () => {
  const status = done('SuccessCriteriaMet', 'Complete');
  expect(reported('suspend: true, completions: 0', '', status)).toEqual([]);
  expect(reported('completions: 0', '', status)).toEqual([
    'status.startTime: Required value: startTime is required for finished job',
  ]);
});

/** An update of the main resource of a job in a given state. */
function changed(spec: string, status: string, path: string, value: unknown): string[] {
  const old = job(spec, status);
  const object = thaw(old) as Mutable<KubeObject>;
  set(object, path, value);
  const errors = new ErrorList();
  const { prepareUpdate, validateUpdate } = definition(jobs);
  prepareUpdate!(object, old, context);
  validateUpdate!(object, old, errors);
  return errors.errors.map(({ field }) => field);
}

const started = 'startTime: "2026-01-01T00:00:00Z"';
const stopped = `${started}, conditions: [{ type: Suspended, status: "True" }]`;
const place = 'spec.template.spec.nodeSelector';
const amounts = 'spec.template.spec.containers.0.resources';

test.each<[string, string, string, string, unknown, string[]]>([
  ['suspended from the start', 'suspend: true', '', place, { a: 'b' }, []],
  ['suspended, with all pods gone', 'suspend: true', stopped, place, { a: 'b' }, []],
  ['suspended just now', 'suspend: true', started, place, { a: 'b' }, ['spec.template']],
  ['suspended, with a pod left', 'suspend: true', `${stopped}, active: 1`, place, { a: 'b' }, ['spec.template']],
  ['with a pod that it should not have', 'suspend: true', 'active: 1', place, { a: 'b' }, ['spec.template']],
  ['that runs', 'suspend: false', '', place, { a: 'b' }, ['spec.template']],
  ['suspended from the start', 'suspend: true', '', amounts, { requests: { cpu: '1' } }, []],
  ['that runs', 'suspend: false', '', amounts, { requests: { cpu: '1' } }, ['spec.template']],
  ['suspended from the start', 'suspend: true', '', 'spec.template.spec.containers.0.image', 'j', ['spec.template']],
])('the pods of a job %s (%s %s) get another %s', (_what, spec, status, path, value, expected) => {
  expect(changed(spec, status, path, value)).toEqual(expected);
});
