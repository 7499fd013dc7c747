import { expect, test } from 'vitest';
import { isRestrictedNodeLabel } from '../../../src/resources/rules/node-labels.ts';

test.each<[string, boolean]>([
  ['mine', false],
  ['example.com/mine', false],
  ['kubernetes.io/hostname', false],
  ['topology.kubernetes.io/zone', false],
  ['beta.kubernetes.io/os', false],
  ['node.kubernetes.io/any', false],
  ['x.kubelet.kubernetes.io/any', false],
  ['node-role.kubernetes.io/control-plane', true],
  ['kubernetes.io/role', true],
  ['x.k8s.io/y', true],
  ['notkubernetes.io/y', false],
  ['node-restriction.kubernetes.io/x', true],
  ['a.node-restriction.kubernetes.io/x', true],
])('%s: %s', (key, restricted) => {
  expect(isRestrictedNodeLabel(key)).toBe(restricted);
});
