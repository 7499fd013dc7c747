import { expect, test } from 'vitest';
import { refusals } from './rules-kit.ts';

const pod = (spec: string, container = ''): string =>
  `{spec: {${spec}, containers: [{name: c, image: "i:1"${container && `, ${container}`}}]}}`;
const windows = 'os: {name: windows}';
const user = (name: string) => `${windows}, securityContext: {windowsOptions: {runAsUserName: '${name}'}}`;
const at = 'spec.securityContext.windowsOptions';

test.each<[string, string, string[]]>([
  ['for no system', pod('os: {name: ""}'), ['spec.os.name: Required value']],
  [
    'for another system',
    pod('os: {name: plan9}'),
    ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  ],
  [
    'for Linux with what Windows has',
    pod('os: {name: linux}, securityContext: {windowsOptions: {}}', 'securityContext: {windowsOptions: {}}'),
    [
      `${at}: Forbidden: windows options cannot be set for a linux pod`,
      'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
    ],
  ],
  [
    'for Windows with what Linux has',
    pod(
      `${windows}, hostPID: true, shareProcessNamespace: false, securityContext: {runAsUser: 1, fsGroup: 2}`,
      'securityContext: {privileged: false, capabilities: {}}',
    ),
    [
      'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.shareProcessNamespace: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.capabilities: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
    ],
  ],
  [
    'with resources of its own',
    pod(`${windows}, resources: {limits: {cpu: 1}}`),
    ['spec.resources: Forbidden: may not be set for a windows pod'],
  ],
  ['of a user of a domain', pod(user('corp.example\\\\me').replace('\\\\', '\\')), []],
  ['of no user', pod(user('')), [`${at}.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string`]],
  [
    'of a user with odd names',
    pod(user('a?b\\...')),
    [
      `${at}.runAsUserName: Invalid value: "a?b\\\\...": runAsUserName's Domain doesn't match the NetBios nor the DNS format`,
      `${at}.runAsUserName: Invalid value: "a?b\\\\...": runAsUserName's User cannot contain only periods or spaces`,
    ],
  ],
  [
    'of a user in too many domains',
    pod(user('a\\b\\c')),
    [`${at}.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash`],
  ],
  [
    'with processes of the host',
    pod(`${windows}, hostNetwork: true, securityContext: {windowsOptions: {hostProcess: true}}`),
    [],
  ],
  [
    'with processes of the host in its own network',
    pod(windows, 'securityContext: {windowsOptions: {hostProcess: true}}'),
    ['spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers'],
  ],
  [
    'with processes of the host in some containers only',
    `{spec: {${windows}, hostNetwork: true, containers: [{name: a, image: i, securityContext: {windowsOptions: {hostProcess: true}}}, {name: b, image: i}]}}`,
    [
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
    ],
  ],
  [
    'whose container disagrees about processes of the host',
    pod(
      `${windows}, hostNetwork: true, securityContext: {windowsOptions: {hostProcess: false}}`,
      'securityContext: {windowsOptions: {hostProcess: true}}',
    ),
    [
      'spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: true: pod hostProcess value must be identical if both are specified, was false',
    ],
  ],
  [
    'with a signal of Linux',
    pod(windows, 'lifecycle: {stopSignal: SIGUSR1}'),
    ['spec.containers[0].lifecycle.stopSignal: Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"'],
  ],
])('a pod %s', (_what, yaml, expected) => {
  expect(refusals('pods', yaml)).toEqual(expected);
});
