import { expect, it } from 'vitest';
import type { Job, JobCondition } from '../../../src/api/types/batch-v1.gen.ts';
import { expiryOf } from '../../../src/controllers/ttl-after-finished/plan.ts';

const condition = (type: string, status = 'True', lastTransitionTime?: string): JobCondition =>
  ({ type, status, lastTransitionTime }) as JobCondition;

const job = (ttl: number | undefined, conditions: JobCondition[], deletionTimestamp?: string): Job => ({
  metadata: { name: 'work', namespace: 'default', ...(deletionTimestamp && { deletionTimestamp }) },
  spec: { template: {}, ...(ttl !== undefined && { ttlSecondsAfterFinished: ttl }) },
  status: { conditions },
});

const noon = '2026-01-01T12:00:00Z';
const done = condition('Complete', 'True', noon);

it.each<[string, Job, string | undefined]>([
  ['complete', job(10, [done]), '2026-01-01T12:00:10Z'],
  ['failed', job(3600, [condition('Failed', 'True', noon)]), '2026-01-01T13:00:00Z'],
  ['no time to live at all', job(0, [done]), noon],
  ['no TTL', job(undefined, [done]), undefined],
  ['still running', job(10, [condition('Suspended', 'True', noon)]), undefined],
  ['about to fail', job(10, [condition('FailureTarget', 'True', noon)]), undefined],
  ['not complete after all', job(10, [condition('Complete', 'False', noon)]), undefined],
  ['going already', job(10, [done], noon), undefined],
])('a job that is %s', (_, it, expected) => {
  expect(expiryOf(it)).toBe(expected && Date.parse(expected));
});

it('a job that does not say when it finished is no job to remove', () => {
  expect(() => expiryOf(job(10, [condition('Complete')]))).toThrow(
    'unable to find the time when the Job default/work finished',
  );
});
