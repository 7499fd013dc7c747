import { expect, test } from 'vitest';
import { definition, refusals, set, update } from './rules-kit.ts';

const ips = 'ipaddresses/networking.k8s.io';
const ranges = 'servicecidrs/networking.k8s.io';

test.each<[string, string, string[]]>([
  ['a service', '{parentRef: {resource: services, name: web, namespace: default}}', []],
  ['nothing', '{}', ['spec.parentRef: Required value']],
  [
    'what has no name',
    '{parentRef: {group: A, resource: "a/b", namespace: ".."}}',
    [
      expect.stringMatching(/^spec\.parentRef\.group: Invalid value: "A": a lowercase RFC 1123 subdomain/) as never,
      `spec.parentRef.resource: Invalid value: "a/b": may not contain '/'`,
      'spec.parentRef.name: Required value',
      `spec.parentRef.namespace: Invalid value: "..": may not be '..'`,
    ],
  ],
])('an address given to %s', (_what, spec, expected) => {
  expect(refusals(ips, `{spec: ${spec}}`)).toEqual(expected);
});

test.each([
  ['10.0.0.1', []],
  ['2001:db8::1', []],
  ['2001:DB8::1', ['must be in canonical form ("2001:db8::1")']],
  ['web', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
])('an address is named by itself: %s', (name, expected) => {
  expect(definition(ips).validateName!(name, false)).toEqual(expected);
});

test('an address stays with whom it was given to', () => {
  const yaml = '{spec: {parentRef: {resource: services, name: web}}}';
  expect(update(ips, yaml, (object) => set(object, 'spec.parentRef.name', 'other'))).toEqual([
    'spec.parentRef: Invalid value: {"resource":"services","name":"other"}: field is immutable',
  ]);
});

test.each<[string, string[]]>([
  ['[10.0.0.0/16]', []],
  ['[10.0.0.0/16, "2001:db8::/64"]', []],
  ['[]', ['spec.cidrs: Required value: at least one CIDR required']],
  [
    '[10.0.0.0/16, 10.1.0.0/16, 10.2.0.0/16]',
    ['spec.cidrs: Invalid value: {"cidrs":["10.0.0.0/16","10.1.0.0/16","10.2.0.0/16"]}: may only hold up to 2 values'],
  ],
  [
    '[10.0.0.0/16, 10.1.0.0/16]',
    [
      'spec.cidrs: Invalid value: {"cidrs":["10.0.0.0/16","10.1.0.0/16"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
  ],
  ['[10.0.0.1/16]', ['spec.cidrs[0]: Invalid value: "10.0.0.1/16": must not have bits set beyond the prefix length']],
])('ranges of services: %s', (cidrs, expected) => {
  expect(refusals(ranges, `{spec: {cidrs: ${cidrs}}}`)).toEqual(expected);
});

test.each<[string, string, string[], string[]]>([
  ['[10.0.0.0/16]', 'gains a range of the other family', ['10.0.0.0/16', '2001:db8::/64'], []],
  ['[10.0.0.0/16]', 'changes', ['10.1.0.0/16'], ['spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable']],
  [
    '[10.0.0.0/16, "2001:db8::/64"]',
    'loses one',
    ['10.0.0.0/16'],
    ['spec.cidrs: Invalid value: ["10.0.0.0/16"]: field is immutable'],
  ],
])('of the ranges %s one %s', (before, _what, after, expected) => {
  expect(update(ranges, `{spec: {cidrs: ${before}}}`, (object) => set(object, 'spec.cidrs', after))).toEqual(expected);
});

test('endpoints that are refused today may stay as they are', () => {
  const yaml = '{subsets: [{addresses: [{ip: 127.0.0.1}, {ip: x}]}]}';
  expect(refusals('endpoints', yaml)).toEqual([
    'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    'subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address',
  ]);
  expect(update('endpoints', yaml, (object) => set(object, 'metadata.labels', { a: 'b' }))).toEqual([]);
  expect(update('endpoints', yaml, (object) => set(object, 'subsets.0.ports', [{ port: 1 }]))).toHaveLength(3);
});
