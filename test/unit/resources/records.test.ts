import { expect, test } from 'vitest';
import { refusals, set, update } from './rules-kit.ts';

const immutable = 'field is immutable';

test('a controller revision is a record', () => {
  expect(refusals('controllerrevisions/apps', '{revision: 1, data: {a: 1}}')).toEqual([]);
  expect(refusals('controllerrevisions/apps', 'revision: -1')).toEqual([
    'data: Required value: data is mandatory',
    'revision: Invalid value: -1: must be greater than or equal to 0',
  ]);
  const change = (path: string, value: unknown) =>
    update('controllerrevisions/apps', '{revision: 1, data: {a: 1}}', (object) => set(object, path, value));
  expect(change('revision', 2)).toEqual([]);
  expect(change('data.a', 2)).toEqual([`data: Invalid value: {"a":2}: ${immutable}`]);
});

test('a runtime class keeps its handler', () => {
  const yaml = '{handler: runc, overhead: {podFixed: {cpu: 10m}}, scheduling: {nodeSelector: {a: b}}}';
  expect(refusals('runtimeclasses/node.k8s.io', yaml)).toEqual([]);
  expect(refusals('runtimeclasses/node.k8s.io', 'handler: Run_C')).toEqual([
    expect.stringMatching('^handler: Invalid value: "Run_C": a lowercase RFC 1123 label must consist of'),
  ]);
  expect(update('runtimeclasses/node.k8s.io', yaml, (object) => set(object, 'handler', 'kata'))).toEqual([
    `handler: Invalid value: "kata": ${immutable}`,
  ]);
});
