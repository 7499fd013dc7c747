import { expect, test } from 'vitest';
import { type Consultation, Consultations } from '../../../../src/scheduler/extender/consultations.ts';
import type { Framework } from '../../../../src/scheduler/framework.ts';
import { queuedPod } from '../../../../src/scheduler/queue/queued-pod.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod } from '../kit.ts';

const consultation = (name: string, priority: number): Consultation => ({
  pod: queuedPod(podInfo(pod({ name, priority })), 0),
  framework: {} as Framework,
  extenders: [],
});

test('one at a time, the most important of those that wait first', async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const consultations = new Consultations(({ pod: { info } }) => {
    begun.push(info.name);
    return new Promise((resolve) => ends.push(resolve));
  });
  const turn = consultations.add(consultation('first', 1));
  expect(consultations.add(consultation('low', 2))).toBeUndefined();
  expect(consultations.add(consultation('high', 3))).toBeUndefined();
  expect(begun).toEqual(['first']);
  for (const expected of ['high', 'low']) {
    ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun.at(-1)).toBe(expected);
  }
  ends.shift()!();
  await turn;
  const next = consultations.add(consultation('later', 1));
  expect(begun).toEqual(['first', 'high', 'low', 'later']);
  ends.shift()!();
  await next;
});
