import { expect, test } from 'vitest';
import { PodWorld } from '../../../../src/kubelet/pod-worker/pod-world.ts';
import type { Pod } from '../../../../src/kubelet/types.ts';
import type { ContainerState, SandboxState } from '../../../../src/node/runtime.ts';

const container = (attempt: number, extra: Partial<ContainerState> = {}): ContainerState => ({
  id: `c${attempt}`,
  name: 'web',
  attempt,
  image: 'x',
  imageId: 'i',
  labels: {},
  status: 'running',
  createdAt: 0,
  startedAt: 1,
  finishedAt: 0,
  exitCode: 0,
  oomKilled: false,
  error: '',
  terminationMessage: '',
  ...extra,
});
const sandbox = (attempt: number, ...containers: ContainerState[]): SandboxState => ({
  id: `s${attempt}`,
  node: 'n',
  pod: { namespace: 'd', name: 'p', uid: 'u' },
  attempt,
  running: true,
  address: '10.0.0.1',
  createdAt: 0,
  containers,
});
const states = (world: PodWorld) =>
  world.instances.get('web')?.map(({ state }) => `${state.id} ${state.status} ${state.exitCode}`);

test('a listing gives the newest sandbox and all instances, newest first', () => {
  const world = new PodWorld();
  world.adopt([sandbox(0, container(0, { status: 'exited', exitCode: 1 })), sandbox(1, container(1))], 100, 50);
  expect(world.sandbox?.id).toBe('s1');
  expect(world.older).toEqual(['s0']);
  expect(world.nextAttempt).toBe(2);
  expect(states(world)).toEqual(['c1 running 0', 'c0 exited 1']);
});

test('what a listing lacks is lost only if it was known before the listing began', () => {
  const world = new PodWorld();
  world.adopt([sandbox(0, container(0))], 100, 50);
  world.absorb('s0', container(1), 100, 70);
  world.adopt([sandbox(0)], 200, 90, 60);
  expect(states(world)).toEqual(['c1 running 0', 'c0 exited 137']);
  world.adopt([], 200, 95, 60);
  expect(world.sandbox?.running).toBe(false);
});

test('a death before krill looked counts from when it happened', () => {
  const world = new PodWorld();
  world.adopt([sandbox(0, container(0, { status: 'exited', finishedAt: 4_000 }))], 10_000, 50_000);
  expect(world.deaths.get('c0')).toBe(44_000);
});

test('a container the engine could not start is a dead one', () => {
  const world = new PodWorld();
  world.adopt([sandbox(0, container(0, { status: 'created', error: 'no such file' }))], 10_000, 0);
  expect(states(world)).toEqual(['c0 exited 128']);
});

test('what only the API remembers was lost, and its restarts still count', () => {
  const world = new PodWorld();
  const status = { name: 'web', ready: true, restartCount: 4, image: 'x', imageID: 'i', containerID: 'docker://gone' };
  const pod: Pod = {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'web' }] },
    status: { containerStatuses: [{ ...status, state: { running: {} } }] },
  };
  world.recall(pod, 100, 0);
  const [instance] = world.instances.get('web') ?? [];
  expect(instance?.state).toMatchObject({ attempt: 4, exitCode: 137, labels: { reason: 'ContainerStatusUnknown' } });
});
