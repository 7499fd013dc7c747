import { expect, test } from 'vitest';
import { startKubelets } from '../../kit/kubelets.ts';

const never = new AbortController().signal;
const running = (pod: { status?: { phase?: string } }) => pod.status?.phase === 'Running';

test('a kubelet measures its containers when it is asked, and at no other time', async () => {
  await using k = await startKubelets();
  k.fake.cpu.set('busy', 500_000);
  await k.pod('a', { containers: [{ name: 'busy', image: 'app:1' }] });
  await k.until('a', running);
  await k.clock.advance(60_000);
  expect(k.fake.readings).toBe(0);
  const asked = k.kubelets.gateway.usage('n1', never);
  await k.clock.advance(0);
  await k.clock.advance(1_000);
  const usage = await asked;
  expect(usage).toMatchObject({
    node: 'n1',
    rate: { nanoCores: 500_000_000, windowMs: 1_000 },
    pods: [{ namespace: 'default', name: 'a', containers: [{ name: 'busy', rate: { nanoCores: 500_000_000 } }] }],
  });
  await k.clock.advance(60_000);
  expect(k.fake.readings).toBe(2);
});

test('a node that has no kubelet here, and one whose machine is down, are not measured', async () => {
  await using k = await startKubelets();
  await k.kubelets.up;
  await expect(k.kubelets.gateway.usage('other', never)).rejects.toMatchObject({ code: 503 });
  k.fake.emit({ type: 'node', node: 'n1', what: 'stopped' });
  await expect(k.kubelets.gateway.usage('n1', never)).rejects.toMatchObject({ code: 503 });
});
