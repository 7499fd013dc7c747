import { expect, test } from 'vitest';
import { runtimeEvent } from '../../../../src/runtimes/docker/events.ts';

const lookup = { cluster: 'dev', network: 'krill-dev', nodeOf: (id: string) => (id === 'nodeid' ? 'n1' : undefined) };
const event = (Type: string, Action: string, attributes: Record<string, string>) => ({
  Type,
  Action,
  Actor: { ID: 'id', Attributes: attributes },
  time: 0,
});
const of = (role: string, extra = {}) => ({ 'krill.cluster': 'dev', 'krill.node': 'n1', 'krill.role': role, ...extra });
const pod = { 'krill.pod.uid': 'u' };

test.each([
  ['start', { type: 'container', node: 'n1', podUid: 'u', containerId: 'id', what: 'started' }],
  ['die', { type: 'container', node: 'n1', podUid: 'u', containerId: 'id', what: 'died' }],
  ['oom', { type: 'container', node: 'n1', podUid: 'u', containerId: 'id', what: 'oom' }],
  ['destroy', { type: 'container', node: 'n1', podUid: 'u', containerId: 'id', what: 'removed' }],
  ['exec_start: sh', undefined],
])('container %s', (action, expected) => {
  expect(runtimeEvent(event('container', action, of('container', pod)), lookup)).toEqual(expected);
});

test('a sandbox that starts is no news; one that dies is', () => {
  expect(runtimeEvent(event('container', 'start', of('sandbox', pod)), lookup)).toBeUndefined();
  expect(runtimeEvent(event('container', 'die', of('sandbox', pod)), lookup)).toMatchObject({
    type: 'sandbox',
    what: 'died',
  });
});

test('nodes start, stop, pause, and lose their cable', () => {
  const what = (e: Parameters<typeof runtimeEvent>[0]) =>
    (runtimeEvent(e, lookup) as { what?: string } | undefined)?.what;
  expect(['start', 'die', 'pause', 'unpause'].map((a) => what(event('container', a, of('node'))))).toEqual([
    'started',
    'stopped',
    'paused',
    'unpaused',
  ]);
  expect(what(event('network', 'disconnect', { name: 'krill-dev', container: 'nodeid' }))).toBe('detached');
  expect(what(event('network', 'connect', { name: 'krill-dev', container: 'nodeid' }))).toBe('attached');
});

test('other clusters, other containers and other networks are none of ours', () => {
  expect(runtimeEvent(event('container', 'die', { ...of('node'), 'krill.cluster': 'other' }), lookup)).toBeUndefined();
  expect(runtimeEvent(event('container', 'die', {}), lookup)).toBeUndefined();
  expect(runtimeEvent(event('network', 'disconnect', { name: 'bridge', container: 'nodeid' }), lookup)).toBeUndefined();
});
