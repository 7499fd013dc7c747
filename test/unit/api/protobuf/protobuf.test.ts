import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { conform } from '../../../../src/api/conform.ts';
import { kindFacts, type TypeFacts, typeFacts } from '../../../../src/api/facts.ts';
import { bigInteger } from '../../../../src/api/json-number.ts';
import { parseApiVersion } from '../../../../src/api/object.ts';
import { decodeMessage } from '../../../../src/api/protobuf/decode.ts';
import { encodeMessage } from '../../../../src/api/protobuf/encode.ts';
import { encodeProtobuf, openEnvelope } from '../../../../src/api/protobuf/envelope.ts';

/** Upstream's golden bytes, where a developer has unpacked them: see scripts/gen-facts.ts. */
const folder = join(process.env['KRILL_GO_SOURCES'] ?? '/tmp/sid/x', 'usr/share/gocode/src/k8s.io/api/testdata/HEAD');

const backAndForth = (type: TypeFacts, object: object): unknown =>
  JSON.parse(JSON.stringify(conform(type, decodeMessage(type, encodeMessage(type, object)).tree).value));

test.skipIf(!existsSync(folder))('golden objects of every kind are read, and written byte for byte', () => {
  const files = readdirSync(folder).filter((f) => f.endsWith('.pb'));
  expect(files).toHaveLength(185);
  for (const file of files) {
    const json = JSON.parse(readFileSync(join(folder, file.replace('.pb', '.json')), 'utf8'));
    const bytes = readFileSync(join(folder, file));
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    expect([apiVersion, kind]).toEqual([json.apiVersion ?? '', json.kind ?? '']);
    // The event of a watch is the one object that does not name itself.
    const gv = parseApiVersion(apiVersion || 'v1')!;
    const type = kindFacts(gv.group, gv.version, kind || 'WatchEvent')!;
    const { tree, unknown } = decodeMessage(type, raw);
    const named = kind ? { ...tree, apiVersion, kind } : tree;
    expect({ file, unknown, tree: conform(type, named).value }).toEqual({ file, unknown: [], tree: json });
    expect({ file, same: encodeProtobuf(type, json).equals(bytes) }).toEqual({ file, same: true });
  }
});

test('what is written is read back', () => {
  const pod = {
    metadata: { name: 'a', labels: { b: '1', a: '2' }, creationTimestamp: '2026-01-02T03:04:05Z' },
    spec: {
      activeDeadlineSeconds: bigInteger('9007199254740993'),
      containers: [
        {
          name: 'c',
          resources: { limits: { cpu: '500m' } },
          livenessProbe: { httpGet: { port: 'http' }, initialDelaySeconds: -1 },
          ports: [{ containerPort: 80 }],
          env: [{ name: 'LONG', value: `${'ä€😀'.repeat(20)}${'x'.repeat(20_000)}` }],
        },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    },
    status: {},
  };
  const type = typeFacts('core/v1.Pod');
  const back = conform(type, decodeMessage(type, encodeMessage(type, pod)).tree).value;
  expect(JSON.parse(JSON.stringify(back))).toEqual(JSON.parse(JSON.stringify(pod)));
  expect(JSON.stringify(back)).toContain('9007199254740993');
});

test('integers of every size survive', () => {
  const type = typeFacts('core/v1.Pod');
  const read = (seconds: unknown) => {
    const pod = { metadata: {}, spec: { containers: [], activeDeadlineSeconds: seconds }, status: {} };
    const { tree } = decodeMessage(type, encodeMessage(type, pod));
    return JSON.stringify((tree['spec'] as Record<string, unknown>)['activeDeadlineSeconds']);
  };
  const values = [1, 127, 128, 16383, 16384, 2 ** 28 - 1, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1].flatMap((n) => [
    n,
    -n,
  ]);
  expect(values.map(read)).toEqual(values.map(String));
  expect(['9223372036854775807', '-9223372036854775808'].map((text) => read(bigInteger(text)))).toEqual([
    '9223372036854775807',
    '-9223372036854775808',
  ]);
});

test('a schema of a custom resource keeps its bools, lists and defaults', () => {
  const type = kindFacts('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')!;
  const crd = {
    metadata: { name: 'xs.x.io' },
    spec: {
      group: 'x.io',
      names: { plural: 'xs', kind: 'X' },
      scope: 'Cluster',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                a: { type: 'object', additionalProperties: false },
                b: { type: 'array', items: { type: 'string' } },
                c: { default: { x: [1, null, 'y'] }, enum: [1, 'a'], maximum: 1.5 },
                d: { type: 'object', additionalProperties: { type: 'string' } },
              },
            },
          },
        },
      ],
    },
    status: {},
  };
  expect(backAndForth(type, crd)).toEqual(conform(type, structuredClone(crd)).value);
});
