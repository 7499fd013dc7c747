import { expect, test } from 'vitest';
import { create, refusals, set, update, updateSubresource } from './rules-kit.ts';

const metadata = 'metadata: {name: a, uid: "1-2"}';
const template = 'template: {spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}';
const sound = (extra = '') => `{${metadata}, spec: {${template}${extra && `, ${extra}`}}}`;
const cron = (extra = '', job = '') =>
  `spec: {schedule: "*/5 * * * *", jobTemplate: {spec: {${template}${job && `, ${job}`}}}${extra && `, ${extra}`}}`;

const generated = {
  'batch.kubernetes.io/controller-uid': '1-2',
  'batch.kubernetes.io/job-name': 'a',
  'controller-uid': '1-2',
  'job-name': 'a',
};

test('a job finds its pods by generated labels, which it shows itself', () => {
  const { object, errors } = create('jobs/batch', sound());
  expect(errors).toEqual([]);
  expect(object).toMatchObject({
    metadata: { labels: generated },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': '1-2' } },
      template: { metadata: { labels: generated }, spec: { schedulerName: 'default-scheduler' } },
    },
    status: {},
  });
});

test('labels of a job stay its own', () => {
  const { object } = create('jobs/batch', `{metadata: {name: a, uid: u, labels: {x: y}}, spec: {${template}}}`);
  expect(object.metadata.labels).toEqual({ x: 'y' });
});

test('parallel work without an end has no completions', () => {
  const { object } = create('jobs/batch', sound('parallelism: 3'));
  expect(object['spec']).toMatchObject({ parallelism: 3 });
  expect(object['spec']).not.toHaveProperty('completions');
});

const policy = (rule: string) => sound(`podFailurePolicy: {rules: [${rule}]}`);
const indexed = 'completionMode: Indexed, completions: 3';

test.each<[string, string, string[]]>([
  [
    'restarting always',
    `{${metadata}, spec: {template: {spec: {containers: [{name: c, image: i}]}}}}`,
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'negative counts',
    sound('parallelism: -1'),
    ['spec.parallelism: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'indexes without a count',
    sound('completionMode: Indexed, parallelism: 1'),
    ['spec.completions: Required value: when completion mode is Indexed'],
  ],
  [
    'limits per index without indexes',
    sound('backoffLimitPerIndex: 1, maxFailedIndexes: 2'),
    [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 2: requires indexed completion mode',
    ],
  ],
  [
    'conflicting labels',
    `{${metadata}, spec: {template: {metadata: {labels: {job-name: b}}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}`,
    [
      'spec.template.metadata.labels[job-name]: Invalid value: {"job-name":"b","batch.kubernetes.io/job-name":"a","controller-uid":"1-2","batch.kubernetes.io/controller-uid":"1-2"}: must be \'a\'',
    ],
  ],
  [
    'a chosen selector without labels',
    sound('manualSelector: true'),
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
    ],
  ],
  [
    'a failure rule without a case',
    policy('{action: FailJob}'),
    ['spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required'],
  ],
  [
    'exit codes out of order',
    policy('{action: FailJob, onExitCodes: {operator: In, values: [2, 1]}}'),
    ['spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1]: must be ordered'],
  ],
  [
    'replacement against the failure policy',
    sound('podReplacementPolicy: TerminatingOrFailed, podFailurePolicy: {rules: []}'),
    ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
  ],
  [
    'success of more than there is',
    sound(`${indexed}, successPolicy: {rules: [{succeededCount: 4}]}`),
    [
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)',
    ],
  ],
  [
    'a manager without a domain',
    sound('managedBy: me'),
    ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
])('a job is refused for %s', (_, yaml, expected) => {
  expect(refusals('jobs/batch', yaml)).toEqual(expected);
});

test.each([
  ['indexes', sound(`${indexed}, backoffLimitPerIndex: 1, maxFailedIndexes: 1`)],
  ['exit codes', policy('{action: FailJob, onExitCodes: {operator: In, values: [1, 2]}}')],
  ['conditions', policy('{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}')],
  ['success of some', sound(`${indexed}, successPolicy: {rules: [{succeededIndexes: "0-1", succeededCount: 1}]}`)],
])('a job is accepted with %s', (_, yaml) => {
  expect(refusals('jobs/batch', yaml)).toEqual([]);
});

const immutable = 'field is immutable';

test('completions of a job are fixed', () => {
  expect(update('jobs/batch', sound(), (job) => set(job, 'spec.completions', 2))).toEqual([
    `spec.completions: Invalid value: 2: ${immutable}`,
  ]);
});

test('indexed jobs grow with their parallelism', () => {
  const grow = (parallelism: number) =>
    update('jobs/batch', sound(indexed), (job) => {
      set(job, 'spec.completions', 5);
      set(job, 'spec.parallelism', parallelism);
    });
  expect(grow(5)).toEqual([]);
  expect(grow(4)).toEqual(['spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism']);
});

test('where the pods of a suspended job run may change until it starts', () => {
  const move = (yaml: string) =>
    update('jobs/batch', yaml, (job) => set(job, 'spec.template.spec.nodeSelector', { zone: 'a' }));
  expect(move(sound('suspend: true'))).toEqual([]);
  expect(move(sound())).toEqual([expect.stringMatching(`^spec.template: Invalid value: .*: ${immutable}$`)]);
});

test('the status of a job is one that can be', () => {
  const refusalsOf = (status: unknown) =>
    updateSubresource('jobs/batch', 'status', sound(), (job) => set(job, 'status', status)).errors;
  const complete = [
    { type: 'SuccessCriteriaMet', status: 'True' },
    { type: 'Complete', status: 'True' },
  ];
  const times = { startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:00:01Z' };
  expect(refusalsOf({ active: 1, ready: 1 })).toEqual([]);
  expect(refusalsOf({ ...times, succeeded: 1, conditions: complete })).toEqual([]);
  expect(refusalsOf({ active: 1, ready: 2 })).toEqual([
    'status.ready: Invalid value: 2: cannot set more ready pods than active',
  ]);
  expect(refusalsOf({ conditions: complete })).toEqual([
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.startTime: Required value: startTime is required for finished job',
  ]);
});

test('defaults of a cron job', () => {
  const { object, errors } = create('cronjobs/batch', cron());
  expect(errors).toEqual([]);
  expect(object['spec']).toMatchObject({
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    jobTemplate: { spec: { template: { spec: { dnsPolicy: 'ClusterFirst' } } } },
  });
});

test.each<[string, string, string[]]>([
  ['no schedule', `spec: {jobTemplate: {spec: {${template}}}}`, ['spec.schedule: Required value']],
  [
    'a policy that is none',
    cron('concurrencyPolicy: Queue'),
    ['spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"'],
  ],
  [
    'an unknown zone',
    cron('timeZone: Mars/Olympus'),
    ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus'],
  ],
  [
    'a selector',
    cron('', 'selector: {matchLabels: {a: b}}'),
    ['spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated'],
  ],
  [
    'a long name',
    `{metadata: {name: ${'a'.repeat(53)}}, ${cron()}}`,
    [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`],
  ],
])('a cron job is refused for %s', (_, yaml, expected) => {
  expect(refusals('cronjobs/batch', yaml)).toEqual(expected);
});

const scheduled = (schedule: string) => cron().replace('*/5 * * * *', schedule);

test.each(['0 0 1 1 *', '*/5 0-6/2 ? jan-mar mon,fri', '@daily', '@every 1h30m'])('schedule %s', (schedule) => {
  expect(refusals('cronjobs/batch', scheduled(schedule))).toEqual([]);
});

test.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
  ['TZ=UTC 0 0 * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
])('schedule %s is refused: %s', (schedule, text) => {
  const value = JSON.stringify(schedule);
  expect(refusals('cronjobs/batch', scheduled(schedule))).toEqual([`spec.schedule: Invalid value: ${value}: ${text}`]);
});
