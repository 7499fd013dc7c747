import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import type { SandboxState } from '../../../../src/node/runtime.ts';
import { SimulatedUsage, simulatedAmount } from '../../../../src/runtimes/simulated/usage.ts';

const pod = (annotations: Record<string, string>, requests?: Record<string, string>): Pod => ({
  metadata: { namespace: 'default', name: 'p', uid: 'u', annotations },
  spec: { containers: [{ name: 'web', image: 'i', ...(requests && { resources: { requests } }) }] },
});

test.each([
  ['krill.dev', { 'krill.dev/usage-cpu': '250m', 'krill.dev/usage-memory': '64Mi' }, 250_000_000n, 64n << 20n],
  ['KWOK', { 'kwok.x-k8s.io/usage-cpu': '2', 'kwok.x-k8s.io/usage-memory': '1Gi' }, 2_000_000_000n, 1n << 30n],
  ['krill.dev before KWOK', { 'kwok.x-k8s.io/usage-cpu': '2', 'krill.dev/usage-cpu': '1' }, 1_000_000_000n, 10n << 20n],
  ['the container itself', { 'web.krill.dev/usage-cpu': '3', 'krill.dev/usage-cpu': '1' }, 3_000_000_000n, 10n << 20n],
  ['no quantity', { 'krill.dev/usage-cpu': 'much' }, 1_000_000n, 10n << 20n],
])('the annotations of %s say what is used', (_, annotations, cpu, memory) => {
  expect(simulatedAmount(pod(annotations), 'web', 'cpu')).toBe(cpu);
  expect(simulatedAmount(pod(annotations), 'web', 'memory')).toBe(memory * 1_000_000_000n);
});

test('without annotations a container idles by its requests', () => {
  const idle = pod({}, { cpu: '500m', memory: '1Gi' });
  expect(simulatedAmount(idle, 'web', 'cpu')).toBe(50_000_000n);
  expect(simulatedAmount(idle, 'web', 'memory')).toBe((1n << 29n) * 1_000_000_000n);
});

test('counters go on with what is used, whatever it was before', () => {
  const usage = new SimulatedUsage();
  const container = { id: 'c', name: 'web', status: 'running', startedAt: 0 };
  const sandboxes = [{ pod: { uid: 'u' }, containers: [container] }] as unknown as SandboxState[];
  const read = (cpu: string, at: number) => usage.read(sandboxes, [pod({ 'krill.dev/usage-cpu': cpu })], at, at);
  expect(read('1', 2_000)).toMatchObject({ cpuNanos: 2e9, rate: { nanoCores: 1e9 } });
  const later = read('500m', 6_000);
  expect(later.containers).toMatchObject([{ podUid: 'u', container: 'web', cpuNanos: 4e9, rate: { nanoCores: 5e8 } }]);
  expect(later.cpuNanos).toBe(4e9);
  expect(usage.read([], [], 9_000, 9_000)).toMatchObject({ cpuNanos: 4e9, rate: { nanoCores: 0 }, containers: [] });
});
