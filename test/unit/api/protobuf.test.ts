import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PbfWriter } from 'pbf';
import { expect, test } from 'vitest';
import { decodeTree } from '../../../src/api/decode.ts';
import { kindFacts } from '../../../src/api/facts.ts';
import { decodeProtobuf } from '../../../src/api/protobuf/decode.ts';

const envelope = (apiVersion: string, kind: string, raw: Uint8Array): Buffer => {
  const pbf = new PbfWriter();
  pbf.writeMessage(
    1,
    (_: null, p: PbfWriter) => {
      p.writeStringField(1, apiVersion);
      p.writeStringField(2, kind);
    },
    null,
  );
  pbf.writeBytesField(2, raw);
  return Buffer.concat([Buffer.from('k8s\0'), pbf.finish()]);
};

test('an enveloped ConfigMap reads as its JSON would', () => {
  const pbf = new PbfWriter();
  pbf.writeMessage(
    1,
    (_: null, p: PbfWriter) => {
      p.writeStringField(1, 'a');
      p.writeMessage(8, (__: null, time: PbfWriter) => time.writeVarintField(1, 1_700_000_000), null);
    },
    null,
  );
  pbf.writeMessage(
    2,
    (_: null, p: PbfWriter) => {
      p.writeStringField(1, 'key');
      p.writeStringField(2, 'value');
    },
    null,
  );
  pbf.writeStringField(99, 'a field of the future');
  expect(decodeProtobuf(envelope('v1', 'ConfigMap', pbf.finish()))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', creationTimestamp: '2023-11-14T22:13:20Z' },
    data: { key: 'value' },
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['no envelope', Buffer.from('{"kind":"Pod"}')],
  ['an unknown kind', envelope('v1', 'Nonsense', new Uint8Array())],
  ['a length beyond the end', envelope('v1', 'Pod', new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0x7f]))],
  ['a broken varint', envelope('v1', 'Pod', new Uint8Array([0x80]))],
])('%s is refused with an error of its own', (_what, bytes) => {
  expect(() => decodeProtobuf(bytes)).toThrow(expect.objectContaining({ name: 'ProtobufError' }));
});

/** Kubernetes' own golden files, where a developer has unpacked Debian's golang-k8s-api-dev. */
const golden = process.env['KRILL_K8S_TESTDATA'] ?? '/tmp/sid/x/usr/share/gocode/src/k8s.io/api/testdata/HEAD';

test.skipIf(!existsSync(golden))('every golden file reads as its JSON twin', () => {
  const files = readdirSync(golden).filter((name) => name.endsWith('.pb') && !name.includes('WatchEvent'));
  const different = files.filter((name) => {
    const json = JSON.parse(readFileSync(join(golden, name.replace(/pb$/, 'json')), 'utf8'));
    const [group, version] = json.apiVersion.includes('/') ? json.apiVersion.split('/') : ['', json.apiVersion];
    const target = { group, version, kind: json.kind, type: kindFacts(group, version, json.kind)! };
    const tree = decodeProtobuf(readFileSync(join(golden, name)));
    const [a, b] = [tree, json].map((t) => sorted(JSON.parse(JSON.stringify(decodeTree(t, target, 'Ignore').object))));
    return JSON.stringify(a) !== JSON.stringify(b);
  });
  expect(files.length).toBeGreaterThan(150);
  expect(different).toEqual([]);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, v]) => [key, sorted(v)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
