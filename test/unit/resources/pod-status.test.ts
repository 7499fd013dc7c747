import { expect, test } from 'vitest';
import { ErrorList } from '../../../src/api/field-errors.ts';
import type { KubeObject, Mutable } from '../../../src/api/object.ts';
import { thaw } from '../../../src/api/object.ts';
import { context, definition, read } from './rules-kit.ts';

/** A status update of a pod: both are flow-style fields, `spec` without containers of its own has one named "c". */
function reported(spec: string, before: string, after: string): { object: Mutable<KubeObject>; errors: string[] } {
  const pods = definition('pods');
  const manifest = (status: string) =>
    read(
      `{spec: {${spec.includes('containers:') ? spec : `containers: [{name: c, image: i}], ${spec}`}}, status: {${status}}}`,
    );
  const old = manifest(before) as KubeObject;
  const object = thaw(old) as Mutable<KubeObject>;
  object['status'] = manifest(after)['status'];
  const errors = new ErrorList();
  pods.status!.prepareUpdate!(object, old, { ...context, subresource: 'status' });
  pods.status!.validateUpdate!(object, old, errors, context);
  return { object, errors: errors.errors.map(({ text }) => text) };
}

const ended = (exitCode: number) => `containerStatuses: [{name: c, state: {terminated: {exitCode: ${exitCode}}}}]`;
const running = 'containerStatuses: [{name: c, state: {running: {}}}]';
const goesOn = ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'];
const ruled = (rules: string, more = '') =>
  `restartPolicy: Never, containers: [{name: c, image: i, restartPolicy: Never, restartPolicyRules: [${rules}]}${more}]`;

test.each<[string, string, number, string[]]>([
  ['that restarts always', 'restartPolicy: Always', 0, []],
  ['that restarts on failure, after one', 'restartPolicy: OnFailure', 1, []],
  ['that restarts on failure, after none', 'restartPolicy: OnFailure', 0, goesOn],
  ['that never restarts', 'restartPolicy: Never', 1, goesOn],
  ['whose rule restarts it', ruled('{action: Restart, exitCodes: {operator: In, values: [3]}}'), 3, []],
  ['whose rule is about other ends', ruled('{action: Restart, exitCodes: {operator: In, values: [3]}}'), 4, goesOn],
  [
    'beside one that may restart all',
    ruled(
      '{action: Restart, exitCodes: {operator: In, values: [3]}}',
      ', {name: d, image: i, restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [9]}}]}',
    ),
    4,
    [],
  ],
])('a container %s runs again after its end', (_what, spec, exitCode, expected) => {
  expect(reported(spec, ended(exitCode), running).errors).toEqual(expected);
});

test.each<[string, string, string, string[]]>([
  [
    'conditions',
    '',
    'conditions: [{type: Ready, status: "True"}, {type: "a/b/c", status: "True", observedGeneration: -1}]',
    [
      'status.conditions[1].observedGeneration: Invalid value: -1: must be a non-negative integer',
      expect.stringMatching(/^status\.conditions\[1\]\.Type: Invalid value: "a\/b\/c": a valid label key/) as never,
    ],
  ],
  [
    'a node to make room on, for a pod that has one',
    'nodeName: n',
    'nominatedNodeName: m',
    ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  ],
  ['a node to make room on', '', 'nominatedNodeName: m', []],
  [
    'claims that the pod does not have',
    'resourceClaims: [{name: gpu, resourceClaimName: x}]',
    'resourceClaimStatuses: [{name: gpu}, {name: gpu}, {name: disk}]',
    [
      'status.resourceClaimStatuses[2].name: Invalid value: "disk": must match the name of an entry in `spec.resourceClaims`',
      'status.resourceClaimStatuses[1].name: Duplicate value: "gpu"',
    ],
  ],
  [
    'users out of range',
    '',
    'containerStatuses: [{name: c, user: {linux: {uid: -1, gid: 0, supplementalGroups: [-2]}}}]',
    [
      'status.containerStatuses[0].linux.supplementalGroups[0]: Invalid value: -2: must be between 0 and 2147483647, inclusive',
      'status.containerStatuses[0].linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'a Linux user on Windows',
    'os: {name: windows}',
    'containerStatuses: [{name: c, user: {linux: {uid: 1, gid: 1}}}]',
    ['status.containerStatuses[0].linux: Forbidden: cannot be set for a windows pod'],
  ],
  [
    'devices that were not asked for',
    'containers: [{name: c, image: i, resources: {requests: {a/b: 1}, claims: [{name: gpu}]}}]',
    'containerStatuses: [{name: c, allocatedResourcesStatus: [{name: a/b, resources: [{resourceID: x, health: Healthy}, {resourceID: x, health: Fine}]}, {name: "claim:gpu"}, {name: "claim:disk"}, {name: toString}]}]',
    [
      'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].health: Unsupported value: "Fine": supported values: "Healthy", "Unhealthy", "Unknown"',
      'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: "x"',
      "status.containerStatuses[0].allocatedResourcesStatus[2].name: Invalid value: \"claim:disk\": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty",
      'status.containerStatuses[0].allocatedResourcesStatus[3].name: Invalid value: "toString": must match one of the container\'s resource requests',
    ],
  ],
  [
    'addresses of one family',
    '',
    'podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], hostIP: 10.1.0.1, hostIPs: [{ip: 10.1.0.2}]',
    [
      'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
      'status.hostIPs[0].ip: Invalid value: "10.1.0.2": must be equal to `hostIP`',
    ],
  ],
])('a status with %s', (_what, spec, status, expected) => {
  expect(reported(spec, '', status).errors).toEqual(expected);
});

test('an address that was reported once may be reported again, however it is spelled', () => {
  expect(reported('', 'podIPs: [{ip: 10.0.0.01}]', 'podIPs: [{ip: 10.0.0.01}]').errors).toEqual([]);
  expect(reported('', '', 'podIPs: [{ip: 10.0.0.01}]').errors).toEqual([
    'status.podIPs[0]: Invalid value: "10.0.0.01": must not have leading 0s',
  ]);
});

test('writers that know of no generations keep those that others have observed', () => {
  const before =
    'observedGeneration: 4, conditions: [{type: Ready, status: "True", observedGeneration: 4}, {type: X, status: "True"}]';
  const { object } = reported('', before, 'conditions: [{type: X, status: "False"}, {type: Ready, status: "False"}]');
  expect(object['status']).toMatchObject({
    observedGeneration: 4,
    conditions: [{ type: 'X' }, { type: 'Ready', status: 'False', observedGeneration: 4 }],
  });
  const { object: newer } = reported('', before, 'observedGeneration: 5');
  expect(newer['status']).toMatchObject({ observedGeneration: 5 });
});
