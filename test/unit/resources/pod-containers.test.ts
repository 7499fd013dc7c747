import { expect, test } from 'vitest';
import { refusals, set, update } from './rules-kit.ts';

const pod = (container: string, spec = ''): string =>
  `{spec: {containers: [{name: c, image: "i:1"${container && `, ${container}`}}]${spec && `, ${spec}`}}}`;
const at = 'spec.containers[0]';

test.each<[string, string, string[]]>([
  [
    'restart rules without a policy',
    pod('restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]'),
    [`${at}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`],
  ],
  [
    'restart rules of its own',
    pod(
      'restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [1]}}]',
    ),
    [],
  ],
  [
    'restart rules that say nothing',
    pod('restartPolicy: Never, restartPolicyRules: [{action: Stop}, {action: Restart, exitCodes: {operator: Above}}]'),
    [
      `${at}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"`,
      `${at}.restartPolicyRules[0].exitCodes: Required value: must be specified`,
      `${at}.restartPolicyRules[1].exitCodes.operator: Unsupported value: "Above": supported values: "In", "NotIn"`,
    ],
  ],
  [
    'a signal without a system',
    pod('lifecycle: {stopSignal: SIGTERM}'),
    [`${at}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``],
  ],
  ['a signal', pod('lifecycle: {stopSignal: SIGRTMIN+3}', 'os: {name: linux}'), []],
  [
    'a restart on resize that never comes',
    pod('resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]', 'restartPolicy: Never'),
    [
      `${at}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when pod \`restartPolicy\` is 'Never'`,
    ],
  ],
  [
    'a variable out of a file',
    pod(
      'env: [{name: A, valueFrom: {fileKeyRef: {volumeName: e, path: env, key: A}}}]',
      'volumes: [{name: e, emptyDir: {}}]',
    ),
    [],
  ],
  [
    'a variable out of a file that is not there',
    pod(
      'env: [{name: A, valueFrom: {fileKeyRef: {volumeName: e, path: ../env, key: "="}}}, {name: B, valueFrom: {fileKeyRef: {volumeName: h, path: env, key: B}}}]',
      'volumes: [{name: h, hostPath: {path: /a}}]',
    ),
    [
      expect.stringMatching(
        /^spec\.containers\[0\]\.env\[0\]\.valueFrom\.fileKeyRef\.key: Invalid value: "="/,
      ) as never,
      `${at}.env[0].valueFrom.fileKeyRef.path: Invalid value: "../env": must not contain '..'`,
      `${at}.env[0].valueFrom.fileKeyRef.volumeName: Not found: "e"`,
      `${at}.env[1].valueFrom.fileKeyRef.volumeName: Invalid value: "h": referenced volume must be of type emptyDir`,
    ],
  ],
  [
    'a host name twice',
    pod('', 'hostnameOverride: a.b, setHostnameAsFQDN: true, hostNetwork: true'),
    [
      'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
      'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
    ],
  ],
  [
    'profiles that contradict each other',
    `{metadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined, container.apparmor.security.beta.kubernetes.io/c: localhost/a}}, spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: c, image: "i:1", securityContext: {appArmorProfile: {type: Localhost, localhostProfile: b}}}]}}`,
    [
      'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
      `${at}.securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match`,
    ],
  ],
  [
    'claims in a static pod',
    '{metadata: {annotations: {kubernetes.io/config.mirror: x}}, spec: {nodeName: n, resourceClaims: [{name: a, resourceClaimName: b}], containers: [{name: c, image: "i:1"}]}}',
    ['[]: Forbidden: static pods do not support resource claims'],
  ],
])('a pod with %s', (_what, yaml, expected) => {
  expect(refusals('pods', yaml)).toEqual(expected);
});

test('tolerations that are added are sound', () => {
  expect(update('pods', pod(''), (object) => set(object, 'spec.tolerations', [{ key: 'a', operator: 'Odd' }]))).toEqual(
    expect.arrayContaining([expect.stringMatching(/^spec\.tolerations\[0\]\.operator: Unsupported value: "Odd"/)]),
  );
});

test('names that every object has are no profiles and no types', () => {
  const profile = (type: string) =>
    `{metadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}}, spec: {securityContext: {seccompProfile: {type: ${type}}}, containers: [{name: c, image: "i:1"}]}}`;
  expect(refusals('pods', profile('constructor'))).toEqual([
    expect.stringMatching(/^spec\.securityContext\.seccompProfile\.type: Unsupported value: "constructor"/),
  ]);
  expect(refusals('secrets', '{type: __defineGetter__}')).toEqual([]);
});
