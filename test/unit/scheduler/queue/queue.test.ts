import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import type { ClusterEvent, EventHint } from '../../../../src/scheduler/events/events.ts';
import { SchedulingQueue } from '../../../../src/scheduler/queue/queue.ts';
import type { Place } from '../../../../src/scheduler/queue/queued-pod.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { type PodFields, pod } from '../kit.ts';

const podGone: ClusterEvent = { resource: 'AssignedPod', action: 'Delete', old: pod({ name: 'gone' }) };
const nodeAdded: ClusterEvent = { resource: 'Node', action: 'Add' };
const nodeTaints: ClusterEvent = { resource: 'Node', action: 'UpdateNodeTaint' };
const labelled = (name: string): ClusterEvent => ({
  resource: 'UnscheduledPod',
  action: 'UpdatePodLabel',
  now: pod({ name }),
});

function setup() {
  const clock = new ManualClock();
  const hints = new Map<string, readonly EventHint[]>([
    ['Fit', [{ resource: 'AssignedPod', actions: ['Delete'] }]],
    [
      'Taints',
      [
        { resource: 'Node', actions: ['Add', 'UpdateNodeTaint'] },
        {
          resource: 'Pod',
          actions: ['UpdatePodLabel'],
          hint:
            ({ now }) =>
            ({ uid }) =>
              uid === now?.metadata?.uid,
        },
      ],
    ],
    ['Gates', [{ resource: 'UnscheduledPod', actions: ['UpdatePodSchedulingGatesEliminated'] }]],
  ]);
  const gated = new Set<string>();
  const gates = new Map([['Gates', ({ name }: { readonly name: string }) => gated.has(name)]]);
  let woken = 0;
  const came: string[] = [];
  const queue = new SchedulingQueue({
    clock,
    initialBackoff: 1000,
    maxBackoff: 10_000,
    profiles: new Map([['default-scheduler', { hints, gates }]]),
    wake: () => void woken++,
    incoming: (name, event) => void came.push(`${name} ${event}`),
  });
  const set = (name: string, fields: PodFields = {}, ...changes: ClusterEvent[]) =>
    queue.set(podInfo(pod({ name, ...fields })), changes);
  const next = () => queue.take()?.info.name;
  /** Takes the next pod and refuses it. */
  const refuse = (...plugins: string[]) => queue.refused(queue.take()!, new Set(plugins));
  return { clock, queue, set, next, refuse, gated, came, woken: () => woken };
}

/** How many pods wait where. */
function sizes({ pods }: SchedulingQueue): Partial<Record<Place, number>> {
  const found: Partial<Record<Place, number>> = {};
  for (const { place } of pods) found[place] = (found[place] ?? 0) + 1;
  return found;
}

test('by priority, then by age', async () => {
  const { clock, set, next } = setup();
  set('old');
  await clock.advance(1);
  set('young');
  set('important', { priority: 10 });
  expect([next(), next(), next(), next()]).toEqual(['important', 'old', 'young', undefined]);
});

describe('a refused pod', () => {
  test('waits for an event that its plugins care about', async () => {
    const { queue, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    queue.notify(nodeTaints);
    expect(next()).toBeUndefined();
    queue.notify(podGone);
    expect(next()).toBe('a');
  });

  test('is woken only if the hint says so', () => {
    const { queue, set, next, refuse } = setup();
    set('a');
    refuse('Taints');
    set('b');
    refuse('Taints');
    queue.notify(labelled('b'));
    expect([next(), next()]).toEqual(['b', undefined]);
  });

  test('goes behind those that have not been tried, and waits for its back-off while there are any', async () => {
    const { clock, queue, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    set('b');
    queue.notify(podGone);
    expect(sizes(queue)).toEqual({ backoff: 1, active: 1 });
    expect(next()).toBe('b');
    expect(next()).toBe('a');
    expect(clock.steady()).toBe(0);
  });

  test('has a longer back-off each time, up to the longest', async () => {
    const { clock, queue, set, refuse } = setup();
    set('a');
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      refuse('Fit');
      queue.notify(podGone);
      expect(sizes(queue)).toEqual({ backoff: 1 });
      await clock.advance(seconds * 1000 - 1);
      expect(sizes(queue).active).toBeUndefined();
      await clock.advance(1);
      expect(sizes(queue).active).toBe(1);
    }
  });

  test('whose back-off ends in the same second as another goes by priority', async () => {
    const { clock, queue, set, refuse } = setup();
    set('lesser');
    refuse('Fit');
    await clock.advance(300);
    set('important', { priority: 10 });
    refuse('Fit');
    queue.notify(podGone);
    expect(queue.take()?.info.name).toBe('important');
  });

  test('is tried again when an update of its own may help, not when its status changes', () => {
    const { set, next, refuse } = setup();
    set('a');
    refuse('Taints');
    set('a', {}, { resource: 'UnscheduledPod', action: 'Update', now: pod({ name: 'a' }) });
    expect(next()).toBeUndefined();
    set('a', { labels: { x: 'y' } }, labelled('a'));
    expect(next()).toBe('a');
  });

  test('is tried again after five minutes in any case', async () => {
    const { clock, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    await clock.advance(299_999);
    expect(next()).toBeUndefined();
    await clock.advance(1);
    expect(next()).toBe('a');
  });

  test('that was deleted meanwhile does not come back', async () => {
    const { clock, queue, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    queue.delete('uid-default-a');
    await clock.advance(400_000);
    queue.notify(podGone);
    expect(next()).toBeUndefined();
    expect(sizes(queue)).toEqual({});
  });
});

describe('a pod in flight', () => {
  test('hears, when it is refused, of what happened meanwhile', () => {
    const { queue, set, next } = setup();
    set('a');
    set('b');
    const [a, b] = [queue.take()!, queue.take()!];
    queue.notify(podGone);
    queue.refused(a, new Set(['Taints']));
    expect(next()).toBeUndefined();
    queue.refused(b, new Set(['Fit']));
    expect(next()).toBe('b');
  });

  test('does not hear of what was before', () => {
    const { queue, set, next } = setup();
    set('a');
    const a = queue.take()!;
    queue.notify(podGone);
    set('b');
    const b = queue.take()!;
    queue.refused(b, new Set(['Fit']));
    queue.refused(a, new Set(['Fit']));
    expect([next(), next()]).toEqual(['a', undefined]);
  });

  test('that waits for its turn does not hear of what happens before', () => {
    const { queue, set, next } = setup();
    set('a');
    const a = queue.take()!;
    queue.park(a);
    queue.notify(podGone);
    queue.resume(a);
    queue.refused(a, new Set(['Fit']));
    expect(next()).toBeUndefined();
  });

  test('keeps what it has become', () => {
    const { queue, set, next } = setup();
    set('a');
    const flying = queue.take()!;
    set('a', { labels: { x: 'y' } }, labelled('a'));
    expect(next()).toBeUndefined();
    expect(flying.info.labels).toEqual({ x: 'y' });
    queue.refused(flying, new Set(['Taints']));
    expect(next()).toBe('a');
  });

  test('is gone when it is bound', () => {
    const { queue, set } = setup();
    set('a');
    queue.done(queue.take()!);
    expect(sizes(queue)).toEqual({});
  });
});

test('a pod for which something went wrong is tried again after a back-off that nobody cuts short', async () => {
  const { clock, queue, set, next } = setup();
  set('a');
  for (const seconds of [1, 2]) {
    const a = queue.take()!;
    queue.settled(a);
    queue.failed(a);
    expect(next()).toBeUndefined();
    await clock.advance(seconds * 1000 - 1);
    expect(next()).toBeUndefined();
    await clock.advance(1);
  }
  expect(next()).toBe('a');
});

describe('a gated pod', () => {
  test('waits until the gate lets it through', () => {
    const { set, next, queue, gated } = setup();
    gated.add('a');
    set('a');
    expect(next()).toBeUndefined();
    expect(sizes(queue)).toEqual({ gated: 1 });
    queue.notify(podGone);
    queue.notify(nodeAdded);
    gated.delete('a');
    expect(next()).toBeUndefined();
    set('a', {}, { resource: 'UnscheduledPod', action: 'UpdatePodSchedulingGatesEliminated' });
    expect(next()).toBe('a');
  });

  test('that was gated on its way back is tried when the gate is opened', () => {
    const { set, next, queue, gated, refuse } = setup();
    set('a');
    refuse('Fit');
    gated.add('a');
    queue.notify(podGone);
    expect(next()).toBeUndefined();
    gated.delete('a');
    queue.release('uid-default-a');
    expect(next()).toBe('a');
  });

  test('for which no event came stays where it is', () => {
    const { set, next, queue, refuse } = setup();
    set('a');
    refuse('Fit');
    queue.release('uid-default-a');
    expect(next()).toBeUndefined();
    queue.activate('uid-default-a');
    expect(next()).toBe('a');
  });
});

test('what comes to which queue is counted by the event that brought it there', async () => {
  const { queue, clock, set, next, refuse, gated, came } = setup();
  gated.add('shut');
  set('a');
  set('shut');
  refuse('Fit');
  queue.notify(podGone);
  expect(came.splice(0)).toEqual([
    'active UnschedulablePodAdd',
    'unschedulable UnschedulablePodAdd',
    'unschedulable ScheduleAttemptFailure',
    'backoff AssignedPodDelete',
  ]);
  expect(next()).toBe('a');
  expect(came.splice(0)).toEqual(['active PopFromBackoffQ']);
  set('b');
  queue.failed(queue.take()!);
  await clock.advance(2000);
  expect(came).toEqual(['active UnschedulablePodAdd', 'backoff ScheduleAttemptFailure', 'active BackoffComplete']);
});

test('an event is looked at once, however many pods wait', () => {
  const { queue, set, refuse, next } = setup();
  let compiled = 0;
  for (let n = 0; n < 1000; n++) {
    set(`p${n}`);
    refuse('Taints');
  }
  const event: ClusterEvent = {
    resource: 'UnscheduledPod',
    action: 'UpdatePodLabel',
    get now() {
      compiled++;
      return pod({ name: 'p7' });
    },
  };
  queue.notify(podGone);
  expect(next()).toBeUndefined();
  queue.notify(event);
  expect([next(), next()]).toEqual(['p7', undefined]);
  expect(compiled).toBe(1);
});
