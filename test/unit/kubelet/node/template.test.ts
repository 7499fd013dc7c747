import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isFake, templateOf } from '../../../../src/kubelet/node/template.ts';
import type { Node } from '../../../../src/kubelet/types.ts';

const node = (text: string): Node => ({ metadata: {}, ...parse(text) });

test('a node is fake when it is marked so', () => {
  expect(isFake(node('metadata: {annotations: {kwok.x-k8s.io/node: fake}}'))).toBe(true);
  expect(isFake(node('metadata: {annotations: {kwok.x-k8s.io/node: real}}'))).toBe(false);
  expect(isFake(node('metadata: {name: n}'))).toBe(false);
});

test.each([
  ['an empty node says nothing', 'metadata: {name: n}', {}],
  [
    'labels, annotations and taints',
    'metadata: {labels: {a: b}, annotations: {c: d}}\nspec: {taints: [{key: k, effect: NoSchedule}]}',
    {
      labels: { a: 'b' },
      annotations: { c: 'd' },
      taints: [{ key: 'k', effect: 'NoSchedule' }],
    },
  ],
  [
    'what is allocatable is all there is, unless it is said',
    'status: {capacity: {cpu: "4"}}',
    { capacity: { cpu: '4' }, allocatable: { cpu: '4' } },
  ],
  [
    'and the other way round',
    'status: {allocatable: {cpu: "4"}}',
    { capacity: { cpu: '4' }, allocatable: { cpu: '4' } },
  ],
  [
    'both',
    'status: {capacity: {cpu: "4"}, allocatable: {cpu: "3"}}',
    { capacity: { cpu: '4' }, allocatable: { cpu: '3' } },
  ],
  [
    'addresses',
    'status: {addresses: [{type: ExternalIP, address: 1.2.3.4}]}',
    { addresses: [{ type: 'ExternalIP', address: '1.2.3.4' }] },
  ],
  [
    'empty texts of nodeInfo say nothing',
    'status: {nodeInfo: {architecture: arm64, bootID: "", kubeletVersion: fake}}',
    { info: { architecture: 'arm64', kubeletVersion: 'fake' } },
  ],
])('%s', (_, text, template) => {
  expect(templateOf(node(text))).toEqual(template);
});
