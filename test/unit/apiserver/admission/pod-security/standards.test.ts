import { expect, test } from 'vitest';
import type { PodLike } from '../../../../../src/apiserver/admission/pod-security/check.ts';
import { type Level, latest } from '../../../../../src/apiserver/admission/pod-security/policy.ts';
import {
  detailsOf,
  reasonsOf,
  standards,
  violations,
} from '../../../../../src/apiserver/admission/pod-security/standards.ts';

type Tree = Record<string, unknown>;

/** A container as hardened as any version asks for. */
const hard = (name: string, context: Tree = {}, more: Tree = {}): Tree => ({
  name,
  image: 'i',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...context },
  ...more,
});

/** A pod that passes everything but for what a case adds. */
const pod = (spec: Tree = {}, context: Tree = {}, annotations: Record<string, string> = {}): PodLike =>
  ({
    metadata: { annotations },
    spec: {
      containers: [hard('c')],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...context },
      ...spec,
    },
  }) as unknown as PodLike;

const ofContainers = (...contexts: Tree[]): Tree => ({
  initContainers: [hard('i')],
  containers: contexts.map((context, i) => hard(`c${i}`, context)),
});

const said = (level: Level, version: number, subject: PodLike) => detailsOf(violations({ level, version }, subject));

const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const seccomp = 'container.seccomp.security.alpha.kubernetes.io/';
const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';

/** What a level forbids in the latest version, or in the one that is given. */
type Case = [what: string, level: Level, subject: PodLike, said: string, version?: number];

const forbidden: Case[] = [
  [
    'an unconfined AppArmor profile of the pod',
    'baseline',
    pod({}, { appArmorProfile: { type: 'Unconfined' } }),
    'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
  ],
  [
    'AppArmor profiles of containers and annotations',
    'baseline',
    pod(
      ofContainers({ appArmorProfile: { type: 'Unconfined' } }, { appArmorProfile: { type: 'Localhost' } }),
      {},
      {
        [`${appArmor}a`]: '',
        [`${appArmor}b`]: 'runtime/default',
        [`${appArmor}d`]: 'localhost/foo',
        [`${appArmor}e`]: 'unconfined',
        [`${appArmor}f`]: 'unknown',
      },
    ),
    'forbidden AppArmor profiles (container "c0" and annotations must not set AppArmor profile type to "Unconfined", ' +
      `"${appArmor}e="unconfined"", "${appArmor}f="unknown"")`,
  ],
  [
    'capabilities beyond the default',
    'baseline',
    pod(ofContainers({ capabilities: { add: ['FOO', 'BAR'] } }, { capabilities: { add: ['BAR', 'CHOWN'] } })),
    'non-default capabilities (containers "c0", "c1" must not include "BAR", "FOO" in securityContext.capabilities.add)',
  ],
  [
    'capabilities of which not all are dropped',
    'restricted',
    pod(
      ofContainers(
        { capabilities: { add: ['FOO'] } },
        { capabilities: undefined },
        { capabilities: { add: ['NET_BIND_SERVICE', 'CHOWN'], drop: ['ALL', 'FOO'] } },
      ),
    ),
    'unrestricted capabilities (containers "c0", "c1" must set securityContext.capabilities.drop=["ALL"]; ' +
      'containers "c0", "c2" must not include "CHOWN", "FOO" in securityContext.capabilities.add)',
  ],
  [
    'namespaces of the host',
    'baseline',
    pod({ hostNetwork: true, hostIPC: true, hostPID: true }),
    'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
  ],
  [
    'folders of the host',
    'baseline',
    pod({
      volumes: [
        { name: 'a', hostPath: { path: '/' } },
        { name: 'b', hostPath: { path: '/' } },
        { name: 'c', emptyDir: {} },
      ],
    }),
    'hostPath volumes (volumes "a", "b")',
  ],
  [
    'other types of volumes, and of hostPath only once',
    'restricted',
    pod({
      volumes: [
        ...['emptyDir', 'secret', 'configMap', 'downwardAPI', 'projected', 'csi', 'ephemeral', 'image']
          .concat('persistentVolumeClaim')
          .map((type) => ({ name: type, [type]: {} })),
        { name: 'a', hostPath: { path: '/' } },
        { name: 'b', nfs: {} },
        { name: 'c' },
      ],
    }),
    'restricted volume types (volumes "a", "b", "c" use restricted volume types "hostPath", "nfs", "unknown")',
  ],
  [
    'a port of the host',
    'baseline',
    pod({
      containers: [hard('a', {}, { ports: [{ hostPort: 0 }] }), hard('b', {}, { ports: [{}, { hostPort: 20 }] })],
    }),
    'hostPort (container "b" uses hostPort 20)',
  ],
  [
    'ports of the host, which are sorted as texts',
    'baseline',
    pod({
      containers: [
        hard('a', {}, { ports: [{ hostPort: 9 }] }),
        hard('b', {}, { ports: [{ hostPort: 10 }, { hostPort: 9 }] }),
      ],
    }),
    'hostPort (containers "a", "b" use hostPorts 10, 9)',
  ],
  [
    'probes of other hosts',
    'baseline',
    pod({
      containers: [
        hard(
          'b',
          {},
          { livenessProbe: { httpGet: { host: '8.8.8.8' } }, lifecycle: { preStop: { tcpSocket: { host: 'x' } } } },
        ),
        hard('a', {}, { startupProbe: { tcpSocket: { host: '8.8.8.8' } }, readinessProbe: { httpGet: { host: '' } } }),
      ],
    }),
    'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "8.8.8.8", "x")',
  ],
  [
    'privileged containers of every kind',
    'baseline',
    pod({
      containers: [hard('c', { privileged: true })],
      initContainers: [hard('i', { privileged: true })],
      ephemeralContainers: [hard('e', { privileged: true }), hard('f', { privileged: false })],
    }),
    'privileged (containers "i", "c", "e" must not set securityContext.privileged=true)',
  ],
  [
    'an unmasked /proc',
    'baseline',
    pod(ofContainers({ procMount: 'Default' }, { procMount: 'Unmasked' }, { procMount: 'other' })),
    'procMount (containers "c1", "c2" must not set securityContext.procMount to "Unmasked", "other")',
  ],
  [
    'an unmasked /proc in a user namespace',
    'restricted',
    pod({ ...ofContainers({ procMount: 'Unmasked' }), hostUsers: false }),
    'procMount (container "c0" must not set securityContext.procMount to "Unmasked")',
  ],
  [
    'an unmasked /proc in a user namespace before that counted',
    'baseline',
    pod({ ...ofContainers({ procMount: 'Unmasked' }), hostUsers: false }),
    'procMount (container "c0" must not set securityContext.procMount to "Unmasked")',
    34,
  ],
  [
    'labels of SELinux',
    'baseline',
    pod(
      ofContainers(
        { seLinuxOptions: { type: 'bar' } },
        { seLinuxOptions: { user: 'u' } },
        { seLinuxOptions: { role: 'r' } },
      ),
      {
        seLinuxOptions: { type: 'foo' },
      },
    ),
    'seLinuxOptions (pod and containers "c0", "c1", "c2" set forbidden securityContext.seLinuxOptions: ' +
      'types "bar", "foo"; user may not be set; role may not be set)',
  ],
  [
    'the label of container engines before it counted as safe',
    'baseline',
    pod({}, { seLinuxOptions: { type: 'container_engine_t' } }),
    'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
    30,
  ],
  [
    'unconfined calls of the kernel',
    'baseline',
    pod(ofContainers({ seccompProfile: { type: 'Unconfined' } }), { seccompProfile: { type: 'Unconfined' } }),
    'seccompProfile (pod and container "c0" must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    'unconfined calls of the kernel, told of once',
    'restricted',
    pod(ofContainers({ seccompProfile: { type: 'Unconfined' } })),
    'seccompProfile (container "c0" must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    'calls of the kernel that nobody filters',
    'restricted',
    pod(ofContainers({}, { seccompProfile: { type: 'Localhost' } }), { seccompProfile: undefined }),
    'seccompProfile (pod or containers "i", "c0" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ],
  [
    'seccomp as annotations said it',
    'baseline',
    pod({}, {}, { [seccompPod]: 'unconfined', [`${seccomp}c`]: 'unknown', [`${seccomp}other`]: 'unconfined' }),
    `seccompProfile (forbidden annotations ${seccomp}c="unknown", ${seccompPod}="unconfined")`,
    18,
  ],
  [
    'settings of the kernel',
    'baseline',
    pod({}, { sysctls: [{ name: 'b' }, { name: 'kernel.shm_rmid_forced' }, { name: 'a' }] }),
    'forbidden sysctls (b, a)',
  ],
  [
    'a setting of the kernel before it counted as safe',
    'baseline',
    pod({}, { sysctls: [{ name: 'net.ipv4.tcp_rmem' }, { name: 'net.ipv4.tcp_fin_timeout' }] }),
    'forbidden sysctls (net.ipv4.tcp_rmem)',
    31,
  ],
  [
    'processes of a Windows host',
    'baseline',
    pod(ofContainers({ windowsOptions: { hostProcess: true } }), { windowsOptions: { hostProcess: true } }),
    'hostProcess (pod and container "c0" must not set securityContext.windowsOptions.hostProcess=true)',
  ],
  [
    'gaining rights',
    'restricted',
    pod(ofContainers({ allowPrivilegeEscalation: true }, { allowPrivilegeEscalation: undefined })),
    'allowPrivilegeEscalation != false (containers "c0", "c1" must set securityContext.allowPrivilegeEscalation=false)',
  ],
  [
    'saying root',
    'restricted',
    pod(ofContainers({ runAsNonRoot: false }), { runAsNonRoot: false }),
    'runAsNonRoot != true (pod and container "c0" must not set securityContext.runAsNonRoot=false)',
  ],
  [
    'not saying whether root',
    'restricted',
    pod(ofContainers({ runAsNonRoot: true }, {}), { runAsNonRoot: undefined }),
    'runAsNonRoot != true (pod or containers "i", "c1" must set securityContext.runAsNonRoot=true)',
  ],
  [
    'the user root',
    'restricted',
    pod(ofContainers({ runAsUser: 0 }, { runAsUser: 1 }), { runAsUser: 0 }),
    'runAsUser=0 (pod and container "c0" must not set runAsUser=0)',
  ],
  [
    'root in a user namespace before that counted',
    'restricted',
    pod({ hostUsers: false }, { runAsUser: 0, runAsNonRoot: false }),
    'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod must not set runAsUser=0)',
    34,
  ],
  [
    'a pod of Windows as one of Linux, before its system counted',
    'restricted',
    pod({ os: { name: 'windows' }, containers: [{ name: 'c' }] }, { seccompProfile: undefined }),
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
      'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    24,
  ],
];

test.each(forbidden)('%s is forbidden', (_, level, subject, text, version = latest) => {
  expect(said(level, version, subject)).toBe(text);
  expect(said('privileged', version, subject)).toBe('');
});

test.each<[string, Level, PodLike, number?]>([
  ['everything hardened', 'restricted', pod()],
  [
    'an unmasked /proc in a user namespace',
    'baseline',
    pod({ ...ofContainers({ procMount: 'Unmasked' }), hostUsers: false }),
  ],
  ['root in a user namespace', 'restricted', pod({ hostUsers: false }, { runAsUser: 0, runAsNonRoot: false })],
  [
    'a pod of Windows',
    'restricted',
    pod({ os: { name: 'windows' }, containers: [{ name: 'c' }] }, { seccompProfile: undefined }),
  ],
  ['NET_BIND_SERVICE', 'restricted', pod(ofContainers({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }))],
  [
    'a nameless probe',
    'restricted',
    pod({ containers: [hard('c', {}, { livenessProbe: { httpGet: { port: 80 } } })] }),
  ],
  [
    'a probe of another host before that counted',
    'restricted',
    pod({ containers: [hard('c', {}, { livenessProbe: { httpGet: { host: 'x' } } })] }),
    33,
  ],
  ['the label of container engines', 'baseline', pod({}, { seLinuxOptions: { type: 'container_engine_t' } }), 31],
  ['annotations for seccomp, since there is a field', 'restricted', pod({}, {}, { [seccompPod]: 'unconfined' })],
  [
    'what gains rights, before there was a field',
    'restricted',
    pod(ofContainers({ allowPrivilegeEscalation: true })),
    7,
  ],
  ['the user root, before anybody asked', 'restricted', pod({}, { runAsUser: 0 }), 22],
  ['keeping capabilities, before anybody asked', 'restricted', pod(ofContainers({ capabilities: undefined })), 21],
])('%s is allowed', (_, level, subject, version = latest) => {
  expect(said(level, version, subject)).toBe('');
});

test('a pod that says nothing violates what restricted asks for, and nothing of baseline', () => {
  const subject: PodLike = { spec: { containers: [{ name: 'c' }] } };
  expect(reasonsOf(violations({ level: 'restricted', version: latest }, subject))).toBe(
    'allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
  );
  expect(said('baseline', latest, subject)).toBe('');
});

test('a version that is to come asks for what the latest does', () => {
  const subject = pod({ ...ofContainers({ procMount: 'Unmasked' }), hostUsers: false });
  expect(said('restricted', 99, subject)).toBe(said('restricted', latest, subject));
  expect(said('baseline', 99, subject)).toBe('');
});

test('checks are told apart, sorted as messages are, and what they override is there', () => {
  const ids = (level: string) => standards.filter((check) => check.level === level).map(({ id }) => id);
  expect(standards.map(({ id }) => id)).toEqual([...ids('baseline').sort(), ...ids('restricted').sort()]);
  for (const { versions } of standards) {
    expect(versions.map(({ since }) => since)).toEqual(
      [...new Set(versions.map(({ since }) => since))].sort((a, b) => a - b),
    );
    for (const id of versions.flatMap(({ overrides = [] }) => overrides)) expect(ids('baseline')).toContain(id);
  }
});
