import { expect, test } from 'vitest';
import { ago, cells } from './cells.ts';

const running = { ready: true, restartCount: 0, state: { running: {} } };
const named = (name: string, rest: object) => ({ name, image: 'i', ...rest });
const pod = (spec: object, status: object, metadata: object = {}) => cells('pods', { metadata, spec, status });
const one = { containers: [{ name: 'c' }] };
const terminated = (fields: object) => ({ restartCount: 0, state: { terminated: fields } });

test.each([
  ['running', one, { phase: 'Running', containerStatuses: [named('c', running)] }, '1/1', 'Running', '0'],
  ['pending', one, { phase: 'Pending' }, '0/1', 'Pending', '0'],
  ['status.reason wins over phase', one, { phase: 'Failed', reason: 'Evicted' }, '0/1', 'Evicted', '0'],
  [
    'gated',
    one,
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    '0/1',
    'SchedulingGated',
    '0',
  ],
  [
    'container creating',
    one,
    { phase: 'Pending', containerStatuses: [named('c', { state: { waiting: { reason: 'ContainerCreating' } } })] },
    '0/1',
    'ContainerCreating',
    '0',
  ],
  [
    'crash loop with a known restart',
    one,
    {
      phase: 'Running',
      containerStatuses: [
        named('c', {
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { finishedAt: ago(125) } },
        }),
      ],
    },
    '0/1',
    'CrashLoopBackOff',
    '3 (2m5s ago)',
  ],
  [
    'exit code without reason',
    one,
    { phase: 'Failed', containerStatuses: [named('c', terminated({ exitCode: 7 }))] },
    '0/1',
    'ExitCode:7',
    '0',
  ],
  [
    'signal without reason',
    one,
    { phase: 'Failed', containerStatuses: [named('c', terminated({ exitCode: 137, signal: 9 }))] },
    '0/1',
    'Signal:9',
    '0',
  ],
  [
    'completed beside a running and ready one',
    { containers: [{ name: 'c' }, { name: 'd' }] },
    {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [named('c', terminated({ exitCode: 0, reason: 'Completed' })), named('d', running)],
    },
    '1/2',
    'Running',
    '0',
  ],
  [
    'completed beside a running one, not ready',
    { containers: [{ name: 'c' }, { name: 'd' }] },
    {
      phase: 'Running',
      containerStatuses: [named('c', terminated({ exitCode: 0, reason: 'Completed' })), named('d', running)],
    },
    '1/2',
    'NotReady',
    '0',
  ],
  [
    'first of two init containers is through',
    { ...one, initContainers: [{ name: 'x' }, { name: 'y' }] },
    {
      phase: 'Pending',
      initContainerStatuses: [named('x', terminated({ exitCode: 0 })), named('y', { state: { running: {} } })],
      containerStatuses: [named('c', { state: { waiting: { reason: 'PodInitializing' } } })],
    },
    '0/1',
    'Init:1/2',
    '0',
  ],
  [
    'init container failed',
    { ...one, initContainers: [{ name: 'x' }] },
    {
      phase: 'Pending',
      initContainerStatuses: [named('x', { ...terminated({ exitCode: 1, reason: 'Error' }), restartCount: 2 })],
    },
    '0/1',
    'Init:Error',
    '2',
  ],
  [
    'init container failed by exit code alone',
    { ...one, initContainers: [{ name: 'x' }] },
    { phase: 'Pending', initContainerStatuses: [named('x', terminated({ exitCode: 5 }))] },
    '0/1',
    'Init:ExitCode:5',
    '0',
  ],
  [
    'init container in back-off',
    { ...one, initContainers: [{ name: 'x' }] },
    {
      phase: 'Pending',
      initContainerStatuses: [named('x', { restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } })],
    },
    '0/1',
    'Init:CrashLoopBackOff',
    '4',
  ],
  [
    'pod initializing after the init containers',
    { ...one, initContainers: [{ name: 'x' }] },
    {
      phase: 'Pending',
      initContainerStatuses: [named('x', { ...terminated({ exitCode: 0 }), restartCount: 5 })],
      containerStatuses: [named('c', { state: { waiting: { reason: 'PodInitializing' } } })],
    },
    '0/1',
    'PodInitializing',
    '0',
  ],
  [
    'sidecar counts as a container',
    { ...one, initContainers: [{ name: 's', restartPolicy: 'Always' }] },
    {
      phase: 'Running',
      initContainerStatuses: [named('s', { ...running, started: true, restartCount: 1 })],
      containerStatuses: [named('c', { ...running, restartCount: 2 })],
    },
    '2/2',
    'Running',
    '3',
  ],
])('%s', (_, spec, status, ready, text, restarts) => {
  const row = pod(spec, status);
  expect([row['Ready'], row['Status'], row['Restarts']]).toEqual([ready, text, restarts]);
});

test('a deleted pod is terminating until its phase is final', () => {
  const deleted = { deletionTimestamp: ago(1) };
  expect(pod(one, { phase: 'Running' }, deleted)['Status']).toBe('Terminating');
  expect(pod(one, { phase: 'Succeeded' }, deleted)['Status']).toBe('Succeeded');
  expect(pod(one, { phase: 'Running', reason: 'NodeLost' }, deleted)['Status']).toBe('Unknown');
});

test('wide cells', () => {
  expect(pod(one, {})).toMatchObject({
    IP: '<none>',
    Node: '<none>',
    'Nominated Node': '<none>',
    'Readiness Gates': '<none>',
  });
  const row = pod(
    { ...one, nodeName: 'n1', readinessGates: [{ conditionType: 'a/b' }, { conditionType: 'a/c' }] },
    { podIPs: [{ ip: '10.0.0.1' }], nominatedNodeName: 'n2', conditions: [{ type: 'a/b', status: 'True' }] },
  );
  expect(row).toMatchObject({
    IP: '10.0.0.1',
    Node: 'n1',
    'Nominated Node': 'n2',
    'Readiness Gates': '1/2',
    Age: '90s',
  });
});
