import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { conform } from '../../../../src/api/conform.ts';
import { kindFacts, typeFacts } from '../../../../src/api/facts.ts';
import { bigInteger } from '../../../../src/api/json-number.ts';
import { parseApiVersion } from '../../../../src/api/object.ts';
import { decodeProtobuf } from '../../../../src/api/protobuf/decode.ts';
import { encodeProtobuf } from '../../../../src/api/protobuf/encode.ts';

/** Upstream's golden bytes, where a developer has unpacked them: see scripts/gen-facts.ts. */
const folder = join(process.env['KRILL_GO_SOURCES'] ?? '/tmp/sid/x', 'usr/share/gocode/src/k8s.io/api/testdata/HEAD');

test.skipIf(!existsSync(folder))('golden objects of every kind are read, and written byte for byte', () => {
  const files = readdirSync(folder).filter((f) => f.endsWith('.pb') && f !== 'core.v1.WatchEvent.pb');
  expect(files.length).toBeGreaterThan(180);
  for (const file of files) {
    const json = JSON.parse(readFileSync(join(folder, file.replace('.pb', '.json')), 'utf8'));
    const bytes = readFileSync(join(folder, file));
    const gv = parseApiVersion(json.apiVersion)!;
    const type = kindFacts(gv.group, gv.version, json.kind)!;
    expect({ file, tree: conform(type, decodeProtobuf(bytes)).value }).toEqual({ file, tree: json });
    expect({ file, bytes: encodeProtobuf(type, json).equals(bytes) }).toEqual({ file, bytes: true });
  }
});

test('what is written is read back', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', labels: { b: '1', a: '2' }, creationTimestamp: '2026-01-02T03:04:05Z' },
    spec: {
      activeDeadlineSeconds: bigInteger('9007199254740993'),
      containers: [
        {
          name: 'c',
          resources: { limits: { cpu: '500m' } },
          livenessProbe: { httpGet: { port: 'http' }, initialDelaySeconds: -1 },
          ports: [{ containerPort: 80 }],
        },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    },
    status: {},
  };
  const type = typeFacts('core/v1.Pod');
  const back = conform(type, decodeProtobuf(encodeProtobuf(type, pod))).value;
  expect(JSON.parse(JSON.stringify(back))).toEqual(JSON.parse(JSON.stringify(pod)));
  expect(JSON.stringify(back)).toContain('9007199254740993');
});

test('a schema of a custom resource keeps its bools, lists and defaults', () => {
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
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
              },
            },
          },
        },
      ],
    },
    status: {},
  };
  const type = kindFacts('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')!;
  const canonical = conform(type, structuredClone(crd)).value;
  expect(conform(type, decodeProtobuf(encodeProtobuf(type, structuredClone(crd)))).value).toEqual(canonical);
});
