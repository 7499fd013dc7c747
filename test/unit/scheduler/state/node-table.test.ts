import { expect, test } from 'vitest';
import { labelsAsSelector } from '../../../../src/api/selector.ts';
import type { PodSet } from '../../../../src/scheduler/state/pod-counts.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { node, pod, table } from '../kit.ts';

const labels = { app: 'web' };
const web: PodSet = {
  id: 'web',
  namespaces: ['default'],
  has: (info) => !info.terminating && labelsAsSelector(labels).matches(info.labels),
};

test('what pods use goes with them, to the last bit', () => {
  const nodes = table([{ name: 'a' }]);
  const infos = Array.from({ length: 20 }, (_, n) =>
    podInfo(
      pod({
        name: `p${n}`,
        requests: { cpu: `${n}m`, memory: `${n}Mi`, 'x/y': '1' },
        ports: [{ containerPort: 1, hostPort: n + 1 }],
      }),
    ),
  );
  for (const info of infos) nodes.addPod(info, 'a');
  const slot = nodes.slotOf('a')!;
  expect([nodes.column.usedCpu[slot], nodes.column.usedPods[slot]]).toEqual([190, 20]);
  expect(nodes.taken(slot, { ip: '0.0.0.0', protocol: 'TCP', port: 5 })).toBe(true);
  for (const info of infos) nodes.removePod(info.uid);
  expect([nodes.column.usedCpu[slot], nodes.column.usedMemory[slot], nodes.column.usedPods[slot]]).toEqual([0, 0, 0]);
  expect(nodes.taken(slot, { ip: '0.0.0.0', protocol: 'TCP', port: 5 })).toBe(false);
});

test('a pod counts once, however often it is told of, and moves', () => {
  const nodes = table([{ name: 'a' }, { name: 'b' }]);
  const info = podInfo(pod({ requests: { cpu: '1' } }));
  nodes.addPod(info, 'a');
  nodes.addPod(info, 'a');
  expect(nodes.column.usedCpu[nodes.slotOf('a')!]).toBe(1000);
  nodes.addPod(info, 'b');
  expect(nodes.column.usedCpu[nodes.slotOf('a')!]).toBe(0);
  expect(nodes.column.usedCpu[nodes.slotOf('b')!]).toBe(1000);
});

test('pods may be known before their node, and outlive it', () => {
  const nodes = table([]);
  nodes.addPod(podInfo(pod({ requests: { cpu: '1' } })), 'late');
  expect([nodes.size, nodes.slotOf('late')]).toEqual([0, undefined]);
  nodes.setNode(node({ name: 'late' }));
  expect(nodes.column.usedCpu[nodes.slotOf('late')!]).toBe(1000);
  nodes.removeNode('late');
  expect(nodes.live()).toEqual([]);
  nodes.setNode(node({ name: 'late' }));
  expect(nodes.column.usedCpu[nodes.slotOf('late')!]).toBe(1000);
});

test('a slot that is used again starts clean', () => {
  const nodes = table([{ name: 'a', images: { 'app:latest': 5 } }]);
  const slot = nodes.slotOf('a')!;
  nodes.removeNode('a');
  expect(nodes.images.holders('app:latest').size).toBe(0);
  nodes.setNode(node({ name: 'b' }));
  expect(nodes.slotOf('b')).toBe(slot);
  expect(nodes.column.usedPods[slot]).toBe(0);
});

test('counts by selector follow pods that come, change and go', () => {
  const nodes = table([{ name: 'a', pods: [{ labels }, {}] }, { name: 'b' }]);
  const counts = () => nodes.live().map((slot) => nodes.count(web).bySlot[slot]);
  expect(counts()).toEqual([1, 0]);
  nodes.addPod(podInfo(pod({ name: 'x', labels })), 'b');
  nodes.addPod(podInfo(pod({ name: 'y', labels, namespace: 'other' })), 'b');
  expect(counts()).toEqual([1, 1]);
  nodes.addPod(podInfo(pod({ name: 'x', labels, deleted: true })), 'b');
  expect(counts()).toEqual([1, 0]);
  for (let n = 0; n < 40; n++) nodes.setNode(node({ name: `n${n}` }));
  nodes.addPod(podInfo(pod({ name: 'z', labels })), 'n39');
  expect(nodes.count(web).bySlot[nodes.slotOf('n39')!]).toBe(1);
});
