import fc from 'fast-check';
import { PbfWriter } from 'pbf';
import { expect, test } from 'vitest';
import { type DecodeTarget, decodeBody } from '../../../../src/api/decode.ts';
import { kindFacts } from '../../../../src/api/facts.ts';
import { encodeMessage } from '../../../../src/api/protobuf/encode.ts';
import { encodeProtobuf, envelope } from '../../../../src/api/protobuf/envelope.ts';
import { StatusError } from '../../../../src/api/status.ts';

const target = (kind: string, group = '', version = 'v1'): DecodeTarget => ({
  group,
  version,
  kind,
  type: kindFacts(group, version, kind)!,
});
const pod = target('Pod');
const crd = target('CustomResourceDefinition', 'apiextensions.k8s.io');

const decode = (bytes: Uint8Array, as = pod, validation?: 'Ignore' | 'Strict') =>
  decodeBody(bytes, 'protobuf', as, validation);

/** A message written by a library that knows nothing of ours. */
function written(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

const nested = (number: number, inner: Uint8Array) => written((pbf) => pbf.writeBytesField(number, inner));

test('an enveloped ConfigMap reads as its JSON would', () => {
  const metadata = written((pbf) => {
    pbf.writeStringField(1, 'a');
    pbf.writeBytesField(
      8,
      written((time) => time.writeVarintField(1, 1_700_000_000)),
    );
  });
  const entry = written((pbf) => {
    pbf.writeStringField(1, 'key');
    pbf.writeStringField(2, 'value');
  });
  const message = Buffer.concat([nested(1, metadata), nested(2, entry)]);
  expect(decode(envelope('v1', 'ConfigMap', message), target('ConfigMap')).object).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', creationTimestamp: '2023-11-14T22:13:20Z' },
    data: { key: 'value' },
  });
});

test('an envelope without a name holds what is wanted', () => {
  const message = encodeMessage(pod.type, { metadata: { name: 'a' }, spec: { containers: [] } });
  expect(decode(envelope('', '', message)).object).toMatchObject({ kind: 'Pod', metadata: { name: 'a' } });
});

test('packed numbers read as single ones do, and a message that comes twice is merged', () => {
  const security = nested(4, new Uint8Array([1, 2, 3]));
  const spec = Buffer.concat([
    nested(14, security),
    nested(
      14,
      written((pbf) => pbf.writeVarintField(2, 7)),
    ),
  ]);
  const { object } = decode(envelope('v1', 'Pod', nested(2, spec)));
  expect(object).toMatchObject({ spec: { securityContext: { supplementalGroups: [1, 2, 3], runAsUser: 7 } } });
});

test('fields that the type does not have are named by number, unless they say nothing', () => {
  const container = Buffer.concat([
    written((pbf) => pbf.writeStringField(1, 'c')),
    written((pbf) => pbf.writeStringField(99, 'a field of the future')),
    written((pbf) => pbf.writeVarintField(98, 0)),
    written((pbf) => pbf.writeStringField(97, '')),
  ]);
  const message = Buffer.concat([nested(2, nested(2, container)), written((pbf) => pbf.writeVarintField(77, 1))]);
  const bytes = envelope('v1', 'Pod', message);
  expect(decode(bytes).warnings).toEqual(['unknown field "spec.containers[0].99"', 'unknown field "77"']);
  expect(decode(bytes, pod, 'Ignore').warnings).toEqual([]);
  expect(() => decode(bytes, pod, 'Strict')).toThrow(
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].99", unknown field "77"',
  );
});

const deep = (bytes: Uint8Array, number: number, levels: number): Uint8Array =>
  levels === 0 ? bytes : nested(number, deep(bytes, number, levels - 1));

const schema = (inner: Uint8Array) => nested(2, nested(7, nested(4, nested(1, inner))));
/** JSONSchemaProps.not, within itself. */
const deepSchema = envelope(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  schema(deep(new Uint8Array(), 28, 1000)),
);

test.each([
  ['nothing', Buffer.alloc(0), pod, 'must be of type Pod): empty data'],
  ['the prefix alone', Buffer.from('k8s\0'), pod, 'empty body'],
  ['no envelope', Buffer.from('{"kind":"Pod"}'), pod, 'expected prefix [107 56 115 0] ({"kind":"Pod"})'],
  ['an unknown kind', envelope('v1', 'Nonsense', new Uint8Array()), pod, 'no kind "Nonsense" is registered'],
  ['another kind', envelope('v1', 'ConfigMap', new Uint8Array()), pod, 'ConfigMap in version "v1" cannot be handled'],
  ['another version', envelope('v2', 'Pod', new Uint8Array()), pod, 'does not match the expected API version (v1)'],
  [
    'a length beyond the end',
    envelope('v1', 'Pod', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f])),
    pod,
    'unexpected EOF',
  ],
  ['a broken varint', envelope('v1', 'Pod', Buffer.from([0x80])), pod, 'unexpected EOF'],
  ['a varint without an end', envelope('v1', 'Pod', Buffer.alloc(20, 0x80)), pod, 'integer overflow'],
  [
    'a packed list that says it is huge',
    envelope('v1', 'Pod', nested(2, nested(14, Buffer.from([0x22, 0xff, 0xff, 0xff, 0xff, 0x7f])))),
    pod,
    'unexpected EOF',
  ],
  [
    'text where a number belongs',
    envelope(
      'v1',
      'Pod',
      nested(
        2,
        written((p) => p.writeStringField(4, 'x')),
      ),
    ),
    pod,
    'wrong wireType = 2',
  ],
  ['an end of a group', envelope('v1', 'Pod', Buffer.from([0x0c])), pod, 'wiretype end group for non-group'],
  ['the field 0', envelope('v1', 'Pod', Buffer.from([0x02, 0])), pod, 'illegal tag 0'],
  [
    'a year beyond 9999',
    envelope(
      'v1',
      'Pod',
      nested(
        1,
        nested(
          8,
          written((p) => p.writeVarintField(1, 2 ** 50)),
        ),
      ),
    ),
    pod,
    'out of range',
  ],
  ['a schema within a schema', deepSchema, crd, 'nested too deeply'],
])('%s is refused', (_what, bytes, as, why) => {
  expect(() => decode(bytes, as)).toThrow(
    expect.objectContaining({ code: 400, message: expect.stringContaining(why) }),
  );
});

test('a kind without protobuf says so', () => {
  const custom = { ...target('ConfigMap'), group: 'x.io', kind: 'X', type: { ...pod.type, wire: [] } };
  expect(() => decode(envelope('x.io/v1', 'X', new Uint8Array()), custom)).toThrow(
    'X in version "v1" cannot be handled as a X: object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message',
  );
});

const time = '2026-01-02T03:04:05Z';
const samples = [
  encodeProtobuf(pod.type, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'a',
      labels: { a: 'b' },
      creationTimestamp: time,
      managedFields: [{ manager: 'm', time, fieldsV1: { 'f:x': { '.': {} } } }],
    },
    spec: {
      containers: [{ name: 'c', ports: [{ containerPort: 80 }], readinessProbe: { httpGet: { port: 'http' } } }],
      securityContext: { supplementalGroups: [1, 2] },
      overhead: { cpu: '1' },
    },
    status: { startTime: time, conditions: [{ type: 'Ready', status: 'True' }] },
  } as never),
  encodeProtobuf(crd.type, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'xs.x.io' },
    spec: {
      group: 'x.io',
      names: { plural: 'xs', kind: 'X' },
      versions: [
        {
          name: 'v1',
          schema: {
            openAPIV3Schema: {
              properties: {
                a: { items: { type: 'string' }, default: [1], maximum: 1.5 },
                b: { additionalProperties: true, not: { required: ['x'] } },
              },
            },
          },
        },
      ],
    },
  } as never),
];

const mutation = fc.record({
  at: fc.nat(1_000_000),
  kind: fc.constantFrom('set', 'flip', 'insert', 'remove', 'cut', 'repeat'),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
  length: fc.nat(40),
});

function mutated(
  bytes: Buffer,
  { at, kind, byte, length }: { at: number; kind: string; byte: number; length: number },
) {
  if (bytes.length === 0) return bytes;
  const i = at % bytes.length;
  const [before, after] = [bytes.subarray(0, i), bytes.subarray(i)];
  switch (kind) {
    case 'set':
      return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
    case 'flip':
      return Buffer.concat([before, Buffer.from([after[0]! ^ (1 << (byte & 7))]), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, byte), after]);
    case 'remove':
      return Buffer.concat([before, after.subarray(length)]);
    case 'cut':
      return before;
    default:
      return Buffer.concat([before, after.subarray(0, length), after]);
  }
}

test('whatever bytes come, they are read or refused as a bad request', () => {
  const input = fc.tuple(fc.nat(samples.length - 1), fc.array(mutation, { minLength: 1, maxLength: 4 }));
  const property = fc.property(input, ([which, mutations]) => {
    const bytes = mutations.reduce(mutated, samples[which]!);
    try {
      const { object } = decode(bytes, [pod, crd][which]);
      // What is read can be stored: it is JSON, and can be written again.
      JSON.stringify(object);
      encodeProtobuf([pod, crd][which]!.type, object);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      expect(error.code).toBe(400);
    }
  });
  fc.assert(property, { seed: 36, numRuns: 4000 });
});
