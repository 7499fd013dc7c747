import { expect, test } from 'vitest';
import type { AdmissionRequest } from '../../../../../src/apiserver/admission/admission.ts';
import { podCertificates } from '../../../../../src/apiserver/admission/node-restriction/pod-certificates.ts';
import type { World } from '../../../../../src/apiserver/admission/node-restriction/rule.ts';

const pod = (uid: string, spec: object, annotations = {}) => ({ metadata: { uid, annotations }, spec });

/** What is there, by `resource namespace/name`. */
const objects: Readonly<Record<string, object>> = {
  'nodes /n1': { metadata: { uid: 'u-n1' } },
  'pods d/p': pod('u-p', { nodeName: 'n1', serviceAccountName: 'a' }),
  'pods d/elsewhere': pod('u-e', { nodeName: 'n2', serviceAccountName: 'a' }),
  'pods d/mirror': pod('u-m', { nodeName: 'n1', serviceAccountName: 'a' }, { 'kubernetes.io/config.mirror': 'x' }),
  'pods d/orphan': pod('u-o', { nodeName: 'n1', serviceAccountName: 'gone' }),
  'serviceaccounts d/a': { metadata: { uid: 'u-a' } },
};
const store = {
  head: ({ resource, namespace, name }: Record<string, string>) => {
    const object = objects[`${resource} ${namespace}/${name}`];
    return object && { object };
  },
};
const world = { store } as unknown as World;

const sound = {
  nodeName: 'n1',
  nodeUID: 'u-n1',
  podName: 'p',
  podUID: 'u-p',
  serviceAccountName: 'a',
  serviceAccountUID: 'u-a',
};
const ask = (spec: object, node = 'n1', more: object = {}) =>
  podCertificates(
    node,
    {
      operation: 'CREATE',
      subresource: '',
      namespace: 'd',
      name: 'r',
      served: { group: 'certificates.k8s.io', resource: 'podcertificaterequests' },
      object: { metadata: { name: 'r' }, spec: { ...sound, ...spec } },
      ...more,
    } as unknown as AdmissionRequest,
    world,
  );

const forbidden = 'podcertificaterequests.certificates.k8s.io "r" is forbidden: ';

test('a request for a pod of the node, with everybody as they are, is taken', () => {
  expect(ask({})).toBeUndefined();
});

test.each<[string, object, number, string]>([
  [
    'another node',
    { nodeName: 'n2' },
    403,
    `${forbidden}PodCertificateRequest.Spec.NodeName="n2", which is not the requesting node "n1"`,
  ],
  [
    'an earlier node of that name',
    { nodeUID: 'u' },
    500,
    'PodCertificateRequest for pod "d/p" names node UID "u", inconsistent with the running node ("u-n1")',
  ],
  [
    'no pod',
    { podName: 'none' },
    500,
    'while retrieving pod "d/none" named in the PodCertificateRequest: pods "none" not found',
  ],
  [
    'an earlier pod of that name',
    { podUID: 'u' },
    500,
    'PodCertificateRequest for pod "d/p" contains pod UID ("u") which differs from running pod "u-p"',
  ],
  [
    'a pod of another node',
    { podName: 'elsewhere', podUID: 'u-e' },
    403,
    `${forbidden}pod "d/elsewhere" is not running on node "n1" named in the PodCertificateRequest`,
  ],
  ['a mirror pod', { podName: 'mirror', podUID: 'u-m' }, 403, `${forbidden}pod "d/mirror" is a mirror pod`],
  [
    'another account',
    { serviceAccountName: 'b' },
    403,
    `${forbidden}PodCertificateRequest for pod "d/p" contains serviceAccountName ("b") that differs from running pod ("a")`,
  ],
  [
    'no account',
    { podName: 'orphan', podUID: 'u-o', serviceAccountName: 'gone' },
    500,
    'while retrieving service account "d/gone" named in the PodCertificateRequest: serviceaccounts "gone" not found',
  ],
  [
    'an earlier account of that name',
    { serviceAccountUID: 'u' },
    500,
    'PodCertificateRequest for pod "d/p" names service account UID "u", which differs from the running service account ("u-a")',
  ],
])('a request for %s is refused', (_, spec, code, message) => {
  expect(() => ask(spec)).toThrow(expect.objectContaining({ code, message }));
});

test('nodes only make requests, and answer none', () => {
  expect(() => ask({}, 'n1', { operation: 'UPDATE' })).toThrow('unexpected operation UPDATE');
  expect(() => ask({}, 'n1', { subresource: 'status' })).toThrow('unexpected subresource status');
});
