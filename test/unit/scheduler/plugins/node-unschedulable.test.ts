import { expect, test } from 'vitest';
import { nodeUnschedulable } from '../../../../src/scheduler/plugins/node-unschedulable.ts';
import { filtered } from '../kit.ts';

const nodes = [{ name: 'open' }, { name: 'cordoned', unschedulable: true }];

test('refuses cordoned nodes', () => {
  expect(filtered(nodeUnschedulable, {}, nodes)).toEqual({
    open: 'ok',
    cordoned: 'node(s) were unschedulable (unresolvable)',
  });
});

test('but for pods that tolerate the taint of cordoned nodes', () => {
  const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] as const;
  expect(filtered(nodeUnschedulable, { tolerations }, nodes)).toEqual({ open: 'ok', cordoned: 'ok' });
});
