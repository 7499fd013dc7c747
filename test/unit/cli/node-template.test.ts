import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readNodeTemplate } from '../../../src/cli/node-template.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'krill-template-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'node.yaml');
  writeFileSync(path, text);
  return path;
}

test('amounts may be written as numbers', () => {
  const path = file(
    'apiVersion: v1\nkind: Node\nmetadata: {labels: {a: b}}\nstatus: {capacity: {cpu: 4, memory: 8Gi}}\n',
  );
  const amounts = { cpu: '4', memory: '8Gi' };
  expect(readNodeTemplate(path)).toEqual({ labels: { a: 'b' }, capacity: amounts, allocatable: amounts });
});

test('what every node has of its own is not taken over', () => {
  const path = file(`apiVersion: v1
kind: Node
metadata: {name: n, labels: {kubernetes.io/hostname: n, type: kwok}}
status:
  addresses: [{type: InternalIP, address: 1.2.3.4}]
  nodeInfo: {machineID: a, systemUUID: b, bootID: c, architecture: arm64}
`);
  expect(readNodeTemplate(path)).toEqual({ labels: { type: 'kwok' }, info: { architecture: 'arm64' } });
});

test.each([
  ['a Pod', 'apiVersion: v1\nkind: Pod\n', 'it must be one object with apiVersion: v1 and kind: Node'],
  ['nothing', '', 'it must be one object with apiVersion: v1 and kind: Node'],
  ['no YAML', 'a: [', 'it is not YAML: '],
  [
    'no quantity',
    'apiVersion: v1\nkind: Node\nstatus: {capacity: {cpu: many}}\n',
    'status.capacity.cpu: "many" is not a quantity',
  ],
])('%s is refused', (_, text, why) => {
  const path = file(text);
  expect(() => readNodeTemplate(path)).toThrow(
    expect.objectContaining({
      message: `--node-template ${path} is not possible`,
      likelyCause: expect.stringContaining(why),
    }),
  );
});

test('so is a file that is not there', () => {
  expect(() => readNodeTemplate(join(folder, 'none'))).toThrow('cannot be read');
});
