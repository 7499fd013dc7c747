import { expect, test } from 'vitest';
import { applyFactDefaults } from '../../../src/api/defaults.ts';
import { typeFacts } from '../../../src/api/facts.ts';
import { ErrorList } from '../../../src/api/field-errors.ts';
import { validateFacts } from '../../../src/api/validate-facts.ts';

const findings = (type: string, object: object) => {
  const errors = new ErrorList();
  validateFacts(typeFacts(type), object, errors);
  return errors.errors.map((e) => e.text);
};

test('missing required fields and foreign enum values are named in field order', () => {
  const spec = {
    containers: [{ name: '', imagePullPolicy: 'Sometimes', ports: [{ containerPort: 0, protocol: 'tcp' }] }],
    dnsPolicy: 'Default',
  };
  expect(findings('core/v1.Pod', { spec })).toEqual([
    'spec.containers[0].name: Required value',
    'spec.containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
    'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
  ]);
});

test('required structs and pointers must be there, empty lists and status need not', () => {
  expect(findings('rbac/v1.RoleBinding', {})).toEqual(['roleRef: Required value']);
  expect(findings('rbac/v1.ClusterRole', {})).toEqual([]);
  expect(findings('apps/v1.Deployment', { spec: { template: {} }, status: { conditions: [{}] } })).toEqual([
    'spec.selector: Required value',
  ]);
});

test('fact defaults fill in at any depth and leave what is set', () => {
  const pod = { spec: { containers: [{ ports: [{ containerPort: 1 }, { containerPort: 2, protocol: 'UDP' }] }] } };
  applyFactDefaults(typeFacts('core/v1.Pod'), pod);
  expect(pod.spec.containers[0]!.ports).toEqual([
    { containerPort: 1, protocol: 'TCP' },
    { containerPort: 2, protocol: 'UDP' },
  ]);
  const volume = { rbd: { monitors: [], image: 'i' } };
  applyFactDefaults(typeFacts('core/v1.Volume'), volume);
  expect(volume.rbd).toEqual({ monitors: [], image: 'i', pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' });
});
