import { expect, test } from 'vitest';
import {
  problemsOfConfiguration,
  readAdmissionConfiguration,
} from '../../../../../src/apiserver/admission/configuration/admission-configuration.ts';
import { eventLimitsOf } from '../../../../../src/apiserver/admission/event-rate-limit/configuration.ts';
import { podSecurityOf } from '../../../../../src/apiserver/admission/pod-security/configuration.ts';

const file = (plugins: unknown, more = {}) =>
  JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins, ...more });
const nothing = (path: string): string => {
  throw new Error(`nobody asked for ${path}`);
};
const limits = (...list: unknown[]) => ({
  apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
  kind: 'Configuration',
  limits: list,
});
const tolerated = (...list: unknown[]) => ({
  apiVersion: 'podtolerationrestriction.admission.k8s.io/v1alpha1',
  kind: 'Configuration',
  default: list,
});
const podSecurity = (more: object) => ({
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  ...more,
});

test('plugins are configured in place or by a file, in YAML or JSON; the first that names a plugin counts', () => {
  const text = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  path: limits.yaml
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
- name: EventRateLimit
  path: other.yaml
- name: PodNodeSelector
`;
  const read: string[] = [];
  const found = readAdmissionConfiguration(text, (path) => {
    read.push(path);
    return JSON.stringify(limits({ type: 'Server', qps: 1, burst: 2 }));
  });
  expect(read).toEqual(['limits.yaml']);
  expect(found).toEqual({
    EventRateLimit: limits({ type: 'Server', qps: 1, burst: 2 }),
    PodSecurity: podSecurity({}),
  });
});

test('a file of before, with node selectors only, is understood', () => {
  const config = { podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'a=b' } };
  expect(readAdmissionConfiguration(JSON.stringify(config), nothing)).toEqual({ PodNodeSelector: config });
});

test.each<[string, string, string]>([
  ['no object', '[]', 'the configuration must be an object'],
  ['no YAML', 'a: [', 'Flow sequence'],
  [
    'another kind',
    '{"kind": "Pod", "apiVersion": "v1"}',
    'no kind "Pod" is registered for version "v1": it must be kind',
  ],
  ['an unknown field', file([], { plugin: 1 }), 'unknown field "plugin"'],
  ['plugins that are no list', file({}), 'plugins must be a list'],
  ['an unknown field of a plugin', file([{ name: 'PodSecurity', config: {} }]), 'unknown field "plugins[0].config"'],
  ['no name', file([{}]), 'plugins[0].name must be a string'],
  ['an unknown plugin', file([{ name: 'Nope', configuration: {} }]), 'unknown admission plugin: Nope'],
  [
    'a plugin named after a method',
    file([{ name: 'toString', configuration: {} }]),
    'unknown admission plugin: toString',
  ],
  [
    'what krill does not configure',
    file([{ name: 'ResourceQuota', configuration: {} }]),
    'krill does not configure the admission plugin "ResourceQuota"',
  ],
  ...[null, 'a', { key: 5 }, { tolerationSeconds: '5' }].map((item): [string, string, string] => [
    `a toleration that is ${JSON.stringify(item)}`,
    file([{ name: 'PodTolerationRestriction', configuration: tolerated(item) }]),
    'couldn\'t init admission plugin "PodTolerationRestriction": default must be a list of tolerations',
  ]),
  [
    'wrong levels and names of pod security',
    file([
      {
        name: 'PodSecurity',
        configuration: podSecurity({
          defaults: { enforce: 'strict', 'warn-version': '1.2' },
          exemptions: { namespaces: ['a', 'a', 'B_'], usernames: [''] },
        }),
      },
    ]),
    `couldn't init admission plugin "PodSecurity": [defaults.enforce: Invalid value: "strict": must be one of privileged, baseline, restricted, defaults.warn-version: Invalid value: "1.2": must be "latest" or "v1.x", exemptions.namespaces[1]: Duplicate value: "a", exemptions.namespaces[2]: Invalid value: "B_": `,
  ],
  [
    'an unknown field of pod security',
    file([{ name: 'PodSecurity', configuration: podSecurity({ defaults: { Enforce: 'baseline' } }) }]),
    'unknown field "defaults.Enforce"',
  ],
  [
    'wrong limits',
    file([
      {
        name: 'EventRateLimit',
        configuration: limits({ type: 'Node', qps: 0, burst: -1 }, { type: 'User', qps: 1, burst: 1, cacheSize: -1 }),
      },
    ]),
    'couldn\'t init admission plugin "EventRateLimit": [limits[0].type: Unsupported value: "Node": supported values: "Namespace", "Server", "SourceAndObject", "User", limits[0].burst: Invalid value: -1: must be positive, limits[0].qps: Invalid value: 0: must be positive, limits[1].cacheSize: Invalid value: -1: must not be negative]',
  ],
  [
    'limits that are no numbers',
    file([{ name: 'EventRateLimit', configuration: limits({ type: 'User', qps: '1' }) }]),
    'limits[0].qps must be a whole number',
  ],
  [
    'wrong tolerations',
    file([
      {
        name: 'PodTolerationRestriction',
        configuration: {
          apiVersion: 'podtolerationrestriction.admission.k8s.io/v1alpha1',
          kind: 'Configuration',
          default: [{ operator: 'Equal', key: '' }],
        },
      },
    ]),
    'podtolerationrestriction.default[0].operator',
  ],
  [
    'a wrong node selector',
    file([{ name: 'PodNodeSelector', configuration: { podNodeSelectorPluginConfig: { n: 'a' } } }]),
    'podNodeSelectorPluginConfig[n]: invalid selector: [a]',
  ],
])('%s is refused', (_, text, message) => {
  expect(() => readAdmissionConfiguration(text, nothing)).toThrow(message);
});

test('EventRateLimit is not enabled without limits', () => {
  const problem = 'couldn\'t init admission plugin "EventRateLimit": limits: Invalid value: null: must not be empty';
  expect(problemsOfConfiguration(['EventRateLimit'], {})).toEqual([problem]);
  expect(problemsOfConfiguration([], {})).toEqual([]);
  const sound = { EventRateLimit: limits({ type: 'Server', qps: 1, burst: 1 }) };
  expect(problemsOfConfiguration(['EventRateLimit'], sound)).toEqual([]);
});

test('what is left out of limits and pod security has defaults', () => {
  expect(eventLimitsOf(limits({ type: 'User', qps: 1, burst: 2 }))).toEqual([
    { type: 'User', qps: 1, burst: 2, cacheSize: 4096 },
  ]);
  const { defaults, exemptions } = podSecurityOf(podSecurity({ defaults: { enforce: 'baseline' } }));
  expect(defaults.enforce).toEqual({ level: 'baseline', version: Number.POSITIVE_INFINITY });
  expect(defaults.warn.level).toBe('privileged');
  expect([...exemptions.namespaces]).toEqual([]);
});
