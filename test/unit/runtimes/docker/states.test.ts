import { expect, test } from 'vitest';
import type { ContainerInspect, ContainerStatus } from '../../../../src/engine/types.ts';
import { containerState } from '../../../../src/runtimes/docker/states.ts';

const never = '0001-01-01T00:00:00Z';
const inspected = (state: Partial<ContainerStatus>): ContainerInspect => ({
  Id: 'id',
  Name: '/n',
  Created: '2026-01-01T00:00:00Z',
  Image: 'sha256:a',
  State: {
    Status: 'exited',
    Running: false,
    Paused: false,
    OOMKilled: false,
    Pid: 0,
    ExitCode: 0,
    Error: '',
    StartedAt: '2026-01-01T00:00:01Z',
    FinishedAt: never,
    ...state,
  },
  Config: { Image: 'web:1', Labels: { 'krill.own': '{"a":"b"}' }, Hostname: '', Tty: false },
  HostConfig: { NetworkMode: '', CgroupParent: '' },
  NetworkSettings: { Networks: {} },
  LogPath: '',
  RestartCount: 0,
});

test('a container that ended at once did not end before it began', () => {
  const state = containerState(
    inspected({ StartedAt: '2026-01-01T00:00:01.002Z', FinishedAt: '2026-01-01T00:00:01.001Z' }),
    '',
  );
  expect(state.finishedAt).toBe(state.startedAt);
});

test('one that could not be started is over, with the reason; one that was not started yet is not', () => {
  const failed = { Status: 'created' as const, StartedAt: never, ExitCode: 127, Error: 'no such file' };
  expect(containerState(inspected(failed), '')).toMatchObject({
    status: 'exited',
    exitCode: 127,
    error: 'no such file',
    startedAt: 0,
  });
  const fresh = { Status: 'created' as const, StartedAt: never };
  expect(containerState(inspected(fresh), '')).toMatchObject({ status: 'created', finishedAt: 0 });
});

test('the caller’s labels come back, and the last words only once it is over', () => {
  expect(containerState(inspected({}), 'bye')).toMatchObject({ labels: { a: 'b' }, terminationMessage: 'bye' });
  const running = containerState(inspected({ Status: 'running', Running: true }), 'bye');
  expect([running.status, running.terminationMessage]).toEqual(['running', '']);
});
