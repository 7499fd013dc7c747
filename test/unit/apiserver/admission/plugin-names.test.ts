import { expect, test } from 'vitest';
import {
  type AdmissionChoice,
  isPluginOn,
  pluginNames,
  problemsOfPlugins,
  upstreamPlugins,
} from '../../../../src/apiserver/admission/plugin-names.ts';

test.each<[AdmissionChoice, string[]]>([
  [{}, []],
  [{ enable: ['AlwaysPullImages', 'PodSecurity'], disable: ['Priority', 'EventRateLimit'] }, []],
  [{ enable: ['PodSecurityPolicy'] }, ['enable-admission-plugins plugin "PodSecurityPolicy" is unknown']],
  [
    { disable: ['priority', 'x'] },
    ['disable-admission-plugins plugin "priority" is unknown', 'disable-admission-plugins plugin "x" is unknown'],
  ],
  [
    { enable: ['Priority', 'AlwaysAdmit'], disable: ['AlwaysAdmit', 'Priority', 'LimitRanger'] },
    ['[AlwaysAdmit Priority] in enable-admission-plugins and disable-admission-plugins overlapped'],
  ],
  [
    { enable: ['ImagePolicyWebhook'], disable: ['ImagePolicyWebhook'] },
    [
      '[ImagePolicyWebhook] in enable-admission-plugins and disable-admission-plugins overlapped',
      'krill has no ImagePolicyWebhook: no server is asked about images',
    ],
  ],
])('what is wrong with %j', (choice, problems) => {
  expect(problemsOfPlugins(choice)).toEqual(problems);
});

test('default plugins are on unless they are disabled, others when they are enabled, those of nobody else always', () => {
  expect(isPluginOn('Priority', {})).toBe(true);
  expect(isPluginOn('Priority', { disable: ['Priority'] })).toBe(false);
  expect(isPluginOn('AlwaysDeny', {})).toBe(false);
  expect(isPluginOn('AlwaysDeny', { enable: ['AlwaysDeny'] })).toBe(true);
  expect(isPluginOn('RbacEscalation', { disable: ['RbacEscalation'] })).toBe(true);
});

test('names are told apart, and listed sorted', () => {
  expect(pluginNames).toEqual([...new Set(upstreamPlugins.map(({ name }) => name))].sort());
  expect(pluginNames).toHaveLength(upstreamPlugins.length);
});
