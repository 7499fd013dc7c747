import { expect, test } from 'vitest';
import { isDirected, playOf } from '../../../../src/kubelet/pod-worker/play.ts';
import type { Pod } from '../../../../src/kubelet/types.ts';

const job = { apiVersion: 'batch/v1', kind: 'Job', name: 'work', uid: '1', controller: true };
const pod = (annotations: Record<string, string> = {}, spec: Partial<Pod['spec']> = {}, owners: object[] = []): Pod =>
  ({
    metadata: { name: 'p', annotations, ownerReferences: owners },
    spec: { restartPolicy: 'Always', containers: [{ name: 'web' }, { name: 'aside' }], ...spec },
  }) as Pod;
const play = (of: Pod, name = 'web') =>
  playOf(of, [...of.spec.containers, ...(of.spec.initContainers ?? [])].find((c) => c.name === name)!);

const inits: Partial<Pod['spec']> = {
  initContainers: [{ name: 'first' }, { name: 'beside', restartPolicy: 'Always' }],
};

test.each<[string, Pod, string, { runs: number | undefined; exitCode?: number }]>([
  ['a container runs for good', pod(), 'web', { runs: undefined }],
  ["a Job's pod is done at once", pod({}, { restartPolicy: 'OnFailure' }, [job]), 'web', { runs: 0 }],
  ['so is one that starts once', pod({}, { restartPolicy: 'Never' }), 'web', { runs: 0 }],
  ['an init container ends', pod({}, inits), 'first', { runs: 0 }],
  ['a sidecar does not', pod({}, inits), 'beside', { runs: undefined }],
  ['it runs as long as it is told to', pod({ 'krill.dev/run-duration': '1m30s' }), 'web', { runs: 90_000 }],
  ['an exit code alone ends it at once', pod({ 'krill.dev/exit-code': '3' }), 'web', { runs: 0, exitCode: 3 }],
  ['both', pod({ 'krill.dev/exit-code': '3', 'krill.dev/run-duration': '250ms' }), 'aside', { runs: 250, exitCode: 3 }],
  ['one container alone', pod({ 'aside.krill.dev/exit-code': '3' }), 'web', { runs: undefined }],
  [
    'its own word counts more',
    pod({ 'aside.krill.dev/exit-code': '3', 'krill.dev/exit-code': '4' }),
    'aside',
    { runs: 0, exitCode: 3 },
  ],
  ['init containers only hear their own', pod({ 'krill.dev/exit-code': '3' }, inits), 'first', { runs: 0 }],
  ['and do hear it', pod({ 'first.krill.dev/exit-code': '3' }, inits), 'first', { runs: 0, exitCode: 3 }],
])('%s', (_, of, name, { runs, exitCode = 0 }) => {
  expect(play(of, name)).toMatchObject({ runs, exitCode });
});

test('delays and readiness', () => {
  const annotations = {
    'krill.dev/start-delay': '2s',
    'krill.dev/ready-delay': '3s',
    'krill.dev/stop-delay': '4s',
    'krill.dev/ready': 'false',
  };
  expect(play(pod(annotations))).toMatchObject({ startDelay: 2000, readyDelay: 3000, stopDelay: 4000, ready: false });
});

test.each([
  ['krill.dev/run-duration', 'soon', 'time: invalid duration "soon"'],
  ['krill.dev/run-duration', '-1s', 'must not be negative'],
  ['krill.dev/exit-code', '256', 'must be a whole number from 0 to 255'],
  ['krill.dev/exit-code', 'one', 'must be a whole number from 0 to 255'],
  ['web.krill.dev/ready', 'no', 'must be true or false'],
])('%s: %s is refused by name', (key, value, why) => {
  expect(() => play(pod({ [key]: value }))).toThrow(
    `metadata.annotations[${key}]: Invalid value: ${JSON.stringify(value)}: ${why}`,
  );
});

test('a pod that nobody directs needs no look at its containers', () => {
  expect(isDirected(pod({ 'example.com/a': 'b' }))).toBe(false);
  expect(isDirected(pod({ 'web.krill.dev/ready': 'false' }))).toBe(true);
  expect(isDirected(pod({}, inits))).toBe(true);
  expect(isDirected(pod({}, {}, [job]))).toBe(true);
  expect(isDirected(pod({}, {}, [{ ...job, controller: false }]))).toBe(false);
});
