import { expect, test } from 'vitest';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const strict = 'events.k8s.io/v1/events';

async function causes(call: Promise<unknown>): Promise<string[]> {
  try {
    await call;
    return [];
  } catch (error) {
    const { details } = (error as { status: { details?: { causes?: { field: string; message: string }[] } } }).status;
    return (details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
  }
}

const create = (api: TestApi, resource: string, object: object) =>
  api.call('create', resource, { object: object as never });

const sound = {
  metadata: { name: 'a' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'acme.io/robot',
  reportingInstance: 'robot-1',
  action: 'Look',
  reason: 'Looked',
  type: 'Normal',
  regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
};

test.each<[string, object, string[]]>([
  ['all there is to say', {}, []],
  ['no time', { eventTime: null }, ['eventTime: Required value']],
  [
    'nothing to say',
    { reportingController: '', reportingInstance: '', action: '', reason: '', note: 'x'.repeat(1025) },
    [
      'reportingController: Required value',
      expect.stringMatching(/^reportingController: Invalid value: "": name part must be non-empty/) as never,
      expect.stringMatching(/^reportingController: Invalid value: "": /) as never,
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  ],
  [
    'fields of old',
    {
      type: 'Odd',
      deprecatedCount: 2,
      deprecatedSource: { component: 'c' },
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
    },
    [
      'type: Invalid value: "": has invalid value: Odd',
      'firstTimestamp: Invalid value: "": needs to be unset',
      'count: Invalid value: "": needs to be unset',
      'source: Invalid value: "": needs to be unset',
    ],
  ],
  [
    'a series of one',
    { series: { count: 1, lastObservedTime: null } },
    ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
  ],
  [
    'a place that is not its own',
    { metadata: { name: 'a', namespace: 'default' }, regarding: { kind: 'Node', name: 'n' } },
    [],
  ],
])('an event of events.k8s.io with %s', async (_what, more, expected) => {
  await using api = await apiServer();
  expect(await causes(create(api, strict, structuredClone({ ...sound, ...more })))).toEqual(expected);
});

test('the core group takes what it always took', async () => {
  await using api = await apiServer();
  const about = (namespace: string) => ({ kind: 'Pod', namespace, name: 'p' });
  expect(
    await causes(create(api, 'events', { metadata: { name: 'a' }, involvedObject: about('default'), count: 3 })),
  ).toEqual([]);
  expect(await causes(create(api, 'events', { metadata: { name: 'b' }, involvedObject: about('other') }))).toEqual([
    'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ]);
});

test('an event of events.k8s.io only counts on', async () => {
  await using api = await apiServer();
  await create(api, strict, structuredClone(sound));
  const change = (resource: string, body: object) =>
    api.call('patch', resource, { name: 'a', patch: { type: 'merge', body } });
  const series = { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' };
  expect(await causes(change(strict, { series }))).toEqual([]);
  expect(await causes(change(strict, { note: 'other', reportingController: 'acme.io/other' }))).toEqual([
    'message: Invalid value: "other": field is immutable',
    'reportingController: Invalid value: "acme.io/other": field is immutable',
  ]);
  expect(await causes(change('events', { message: 'other' }))).toEqual([]);
});
