import { expect, test } from 'vitest';
import type { ContainerPort } from '../../../../src/api/types/core-v1.gen.ts';
import { nodePorts } from '../../../../src/scheduler/plugins/node-ports.ts';
import { filtered } from '../kit.ts';

const taken = "node(s) didn't have free ports for the requested pod ports";
const port = (hostPort: number, more: Partial<ContainerPort> = {}): ContainerPort => ({
  containerPort: 80,
  hostPort,
  ...more,
});

test.each<[string, ContainerPort[], ContainerPort[], string]>([
  ['another port', [port(80)], [port(81)], 'ok'],
  ['the same port', [port(80)], [port(80)], taken],
  ['another protocol', [port(80)], [port(80, { protocol: 'UDP' })], 'ok'],
  ['another address', [port(80, { hostIP: '10.0.0.1' })], [port(80, { hostIP: '10.0.0.2' })], 'ok'],
  ['all addresses against one', [port(80, { hostIP: '10.0.0.1' })], [port(80)], taken],
  ['one against all addresses', [port(80)], [port(80, { hostIP: '10.0.0.1' })], taken],
  ['no host port', [port(80)], [{ containerPort: 80 }], 'ok'],
])('%s', (_, used, wanted, expected) => {
  expect(filtered(nodePorts, { ports: wanted }, [{ name: 'n', pods: [{ ports: used }] }])).toEqual({ n: expected });
});
