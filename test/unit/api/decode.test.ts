import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BodyFormat,
  type DecodeTarget,
  decodeBody,
  decodeTree,
  type FieldValidation,
} from '../../../src/api/decode.ts';
import { customKindFacts, kindFacts, typeFacts } from '../../../src/api/facts.ts';
import { StatusError } from '../../../src/api/status.ts';

const target = (group: string, version: string, kind: string): DecodeTarget => ({
  group,
  version,
  kind,
  type: kindFacts(group, version, kind)!,
});
const pod = target('', 'v1', 'Pod');
const deployment = target('apps', 'v1', 'Deployment');

const decode = (body: unknown, into = pod, validation: FieldValidation = 'Strict', format: BodyFormat = 'json') =>
  decodeBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), format, into, validation);

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(StatusError);
    expect((error as StatusError).code).toBe(400);
    return (error as StatusError).message;
  }
  throw new Error('not refused');
};

test('a pod comes out as a server stores it', () => {
  const { object } = decode({
    metadata: { name: 'a', creationTimestamp: null, labels: {} },
    spec: {
      hostNetwork: false,
      nodeName: '',
      priority: 0,
      containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }],
    },
  });
  expect(object).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: {
      priority: 0,
      containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '500m', memory: '1Gi' } } }],
    },
    status: {},
  });
});

test('always-written structs, strings and lists are there', () => {
  const { object } = decode({ spec: { template: {} } }, deployment);
  expect(object).toMatchObject({
    metadata: {},
    spec: { strategy: {}, template: { metadata: {}, spec: { containers: [] } } },
    status: {},
  });
});

test('unknown fields are named with their full path, or warned about, or ignored', () => {
  const body = { spec: { foo: 1, containers: [{ name: 'a', bar: { x: 1 } }] }, baz: [] };
  expect(refusal(() => decode(body))).toBe(
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo", unknown field "spec.containers[0].bar", unknown field "baz"',
  );
  const warned = decode(body, pod, 'Warn');
  expect(warned.warnings).toEqual([
    'unknown field "spec.foo"',
    'unknown field "spec.containers[0].bar"',
    'unknown field "baz"',
  ]);
  expect(warned.object['spec']).toEqual({ containers: [{ name: 'a', resources: {} }] });
  expect(decode(body, pod, 'Ignore').warnings).toEqual([]);
});

test('duplicate fields are found at any depth, the last one wins', () => {
  const body = '{"metadata":{"name":"a","labels":{"x":"1","x":"2"},"name":"b"},"spec":{"containers":[]}}';
  expect(refusal(() => decode(body))).toBe(
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: duplicate field "metadata.labels.x", duplicate field "metadata.name"',
  );
  expect(decode(body, pod, 'Warn').object.metadata).toEqual({ name: 'b', labels: { x: '2' } });
});

test('findings come in the order of the text, and what is unknown is not looked into', () => {
  const container = '{"name":"c","more":1,"name":"d","more":{"x":1,"x":2},"image":"i","image":"j"}';
  const body = `{"metadata":{"name":"a"},"spec":{"first":1,"hostNetwork":true,"hostNetwork":false,"containers":[${container}]},"first":{"x":1,"x":2}}`;
  expect(decode(body, pod, 'Warn').warnings).toEqual([
    'unknown field "spec.first"',
    'duplicate field "spec.hostNetwork"',
    'unknown field "spec.containers[0].more"',
    'duplicate field "spec.containers[0].name"',
    'duplicate field "spec.containers[0].image"',
    'unknown field "first"',
  ]);
});

test('field names match by case, and raw objects are not looked into', () => {
  expect(decode('{"Spec":{"containers":[]}}', pod, 'Warn').warnings).toEqual(['unknown field "Spec"']);
  const revision = target('apps', 'v1', 'ControllerRevision');
  const body = '{"metadata":{"name":"a"},"revision":1,"data":{"a":1,"a":2,"anything":{"b":1}},"revision":2}';
  const { object, warnings } = decode(body, revision, 'Warn');
  expect(warnings).toEqual(['duplicate field "revision"']);
  expect(object['data']).toEqual({ a: 2, anything: { b: 1 } });
});

test('at most 100 findings are named, each once', () => {
  const fields = Array.from({ length: 300 }, (_, i) => `"f${i}":1`).join(',');
  expect(decode(`{"metadata":{},"spec":{"containers":[]},${fields}}`, pod, 'Warn').warnings).toHaveLength(100);
  const repeated = Array.from({ length: 300 }, () => '"name":"a"').join(',');
  expect(decode(`{"metadata":{${repeated}},"spec":{"containers":[]}}`, pod, 'Warn').warnings).toEqual([
    'duplicate field "metadata.name"',
  ]);
});

test('a custom resource is read as untyped first: duplicates anywhere, then what the schema does not know', () => {
  const custom = {
    ...pod,
    group: 'x.io',
    kind: 'X',
    type: customKindFacts('x.io', 'v1', 'X'),
    prune: () => ['other'],
  };
  const body = '{"metadata":{"name":"a","nme":1},"spec":{"a":1,"a":2},"other":{"b":1,"b":2}}';
  expect(decode(body, custom, 'Warn').warnings).toEqual([
    'duplicate field "spec.a"',
    'duplicate field "other.b"',
    'unknown field "metadata.nme"',
    'unknown field "other"',
  ]);
});

test('keys that YAML sets twice are told by line: together when refused, one by one as warnings', () => {
  const text = `metadata:
  name: a
  name: b
spec:
  zzz: 1
  containers:
  - name: c
    image: i
    image: j
  containers:
  - name: d
    1: x
    1: y
first: 1
`;
  const lines = [
    'line 3: key "name" already set in map',
    'line 9: key "image" already set in map',
    'line 13: key 1 already set in map',
    'line 11: key "containers" already set in map',
  ];
  const unknown = ['unknown field "first"', 'unknown field "spec.containers[0].1"', 'unknown field "spec.zzz"'];
  expect(decode(text, pod, 'Warn', 'yaml').warnings).toEqual([...lines, ...unknown]);
  expect(refusal(() => decode(text, pod, 'Strict', 'yaml'))).toBe(
    `Pod in version "v1" cannot be handled as a Pod: strict decoding error: yaml: unmarshal errors:\n  ${lines.join('\n  ')}, ${unknown.join(', ')}`,
  );
});

test('unknown fields do not look like duplicates', () => {
  expect(decode({ foo: { a: { b: [{ c: 1 }] } } }, pod, 'Warn').warnings).toEqual(['unknown field "foo"']);
});

test.each([
  [{ spec: 'x' }, 'json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec'],
  [
    { spec: { activeDeadlineSeconds: 'x' } },
    'json: cannot unmarshal string into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64',
  ],
  [
    { spec: { containers: [{ env: [{ name: 'a', value: 1 }] }] } },
    'json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
  ],
  [
    { spec: { containers: {} } },
    'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    { metadata: { labels: { a: true } } },
    'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
  ],
  [
    { spec: { priority: 1.5 } },
    'json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32',
  ],
  [
    { spec: { containers: [{ resources: { limits: { cpu: 'x' } } }] } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [
    { metadata: { creationTimestamp: 'yesterday' } },
    'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
  ],
  [{ metadata: { creationTimestamp: 1 } }, 'json: cannot unmarshal number into Go value of type string'],
])('%j is refused with the text of Go', (body, message) => {
  expect(refusal(() => decode(body))).toBe(`Pod in version "v1" cannot be handled as a Pod: ${message}`);
});

test.each([
  ['', 'unexpected end of JSON input (<empty>)'],
  ['{"a"', 'unexpected end of JSON input ({"a")'],
  ['{"a":1,}', `invalid character '}' looking for beginning of object key string ({"a":1,})`],
  ['nope', "invalid character 'o' in literal null (expecting 'u') (6e6f7065)"],
  ['{} x', `invalid character 'x' after top-level value ({} x)`],
  ['{"a":"\u0001"}', `invalid character '\\u0001' in string literal ({"a":"\u0001"})`],
])('%j is refused as malformed', (body, message) => {
  expect(refusal(() => decode(body))).toBe(
    `the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: ${message}`,
  );
});

test('lists, deep nesting and prototypes are refused', () => {
  expect(refusal(() => decode('[]'))).toContain('json: cannot unmarshal array into Go value of type struct');
  expect(refusal(() => decode(`${'[{"a":'.repeat(5000)}`))).toContain('exceeded max depth');
  expect(refusal(() => decode('{"metadata":{"labels":{"__proto__":"x"}}}'))).toContain('"__proto__" is not supported');
  expect(refusal(() => decode('{"\\u005f_proto__":{"a":1}}'))).toContain('"__proto__" is not supported');
});

test('kind and version must be those of the resource', () => {
  expect(refusal(() => decode({ apiVersion: 'v1', kind: 'Service' }))).toBe(
    'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion',
  );
  expect(refusal(() => decode({ apiVersion: 'v1', kind: 'Nope' }))).toContain(
    'no kind "Nope" is registered for version "v1" in scheme',
  );
  expect(refusal(() => decode({ apiVersion: 'apps/v1beta1', kind: 'Deployment' }, deployment))).toBe(
    'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
  );
  const options = { ...target('', 'v1', 'DeleteOptions'), type: typeFacts('meta/v1.DeleteOptions'), anyVersion: true };
  expect(decode({ apiVersion: 'apps/v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 }, options).object).toEqual({
    apiVersion: 'apps/v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
  });
});

test('long integers survive exactly', () => {
  const custom = { group: 'x.io', version: 'v1', kind: 'X', type: customKindFacts('x.io', 'v1', 'X') };
  const { object } = decode('{"spec":{"big":12345678901234567890,"small":12,"f":0.30000000000000004}}', custom);
  expect(JSON.stringify(object['spec'])).toBe('{"big":12345678901234567890,"small":12,"f":0.30000000000000004}');
  expect(refusal(() => decode('{"spec":{"activeDeadlineSeconds":99999999999999999999}}'))).toContain(
    'cannot unmarshal number 99999999999999999999 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64',
  );
  const exact = decode('{"spec":{"activeDeadlineSeconds":9007199254740993}}').object;
  expect(JSON.stringify(exact['spec'])).toContain('"activeDeadlineSeconds":9007199254740993');
});

test('custom resources keep what they hold, with typed metadata', () => {
  const custom = { group: 'x.io', version: 'v1', kind: 'X', type: customKindFacts('x.io', 'v1', 'X') };
  const { object } = decode({ metadata: { name: 'a' }, spec: { a: null, b: [false] }, extra: '' }, custom);
  expect(object).toEqual({
    apiVersion: 'x.io/v1',
    kind: 'X',
    metadata: { name: 'a' },
    spec: { a: null, b: [false] },
    extra: '',
  });
  expect(refusal(() => decode({ metadata: { nme: 'a' } }, custom))).toContain('unknown field "metadata.nme"');
});

test('YAML as Go reads it', () => {
  const text = `
metadata: {name: a, labels: &l {x: "yes", "1": "x"}}
spec:
  hostNetwork: on
  containers:
  - name: c
    ports: [{containerPort: 017}]
    env: [{name: t, value: 2001-01-01}, {name: s, value: "22:22"}]
`;
  const { object } = decode(text, pod, 'Strict', 'yaml');
  expect(object).toMatchObject({
    metadata: { labels: { x: 'yes', 1: 'x' } },
    spec: { hostNetwork: true, containers: [{ env: [{ value: '2001-01-01' }, { value: '22:22' }] }] },
  });
  expect(refusal(() => decode('a: 1\na: 2', pod, 'Strict', 'yaml'))).toContain('line 2: key "a" already set in map');
  expect(refusal(() => decode('a: 1\n---\nb: 2', pod, 'Strict', 'yaml'))).toContain('several documents');
  expect(refusal(() => decode('a: [', pod, 'Strict', 'yaml'))).toContain('error converting YAML to JSON: yaml:');
});

test('a bomb of aliases is refused', () => {
  const levels = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [i, c] of [...'bcdefghi'].entries()) {
    const before = 'abcdefgh'[i];
    levels.push(`${c}: &${c} [${Array(9).fill(`*${before}`).join(',')}]`);
  }
  expect(refusal(() => decode(levels.join('\n'), pod, 'Warn', 'yaml'))).toContain('yaml:');
});

test.each([
  ['open brackets', 'a: [', 3e6, 'exceeded max depth'],
  ['brackets', '{a: ', 7e5, 'exceeded max depth'],
  ['lists in lists', '- ', 1e6, 'exceeded max depth'],
  ['keys of keys', '? ', 60, 'invalid map key: a map'],
  ['closing brackets', '}', 3e6, 'Unexpected flow-map-end token'],
  ['numbers', '- 1\n', 7e5, 'more than 1000000 parts'],
  ['anchors and aliases', '- &a 1\n- *a\n', 3e5, 'excessive aliasing'],
])('megabytes of YAML that is no object cost little: %s', (_, part, count, why) => {
  expect(refusal(() => decode(part.repeat(count), pod, 'Warn', 'yaml'))).toContain(why);
});

test('keys of YAML are scalars', () => {
  const { object } = decode('metadata: {labels: {? 1 : a, yes: b}}', pod, 'Strict', 'yaml');
  expect(object.metadata.labels).toEqual({ 1: 'a', true: 'b' });
  expect(refusal(() => decode('{[a]: 1}', pod, 'Warn', 'yaml'))).toContain('invalid map key: a list');
  expect(refusal(() => decode('a: &a x\n*a : 1', pod, 'Warn', 'yaml'))).toContain('invalid map key: an alias');
});

test("Go's zero time is none", () => {
  const status = {
    startTime: '0001-01-01T00:00:00Z',
    conditions: [{ type: 'a', lastProbeTime: '0001-01-01T01:00:00+01:00' }],
  };
  const { object } = decode({ metadata: { name: 'a' }, spec: { containers: [] }, status });
  expect(object['status']).toEqual({ conditions: [{ type: 'a', status: '' }] });
});

test('decoding twice changes nothing', () => {
  const body = {
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1000m' } } }] },
  };
  const once = decode(body).object;
  const text = JSON.stringify(once);
  expect(JSON.stringify(decodeTree(once, pod).object)).toBe(text);
});

test('what Go always holds is there: a port is 0, an amount "0"', () => {
  const { object } = decode({ spec: { containers: [{ name: 'c', livenessProbe: { httpGet: { path: '/' } } }] } });
  expect(object).toMatchObject({ spec: { containers: [{ livenessProbe: { httpGet: { path: '/', port: 0 } } }] } });
  const slice = decode(
    { spec: { devices: [{ name: 'd', capacity: { memory: {} } }] } },
    target('resource.k8s.io', 'v1', 'ResourceSlice'),
  );
  expect(slice.object).toMatchObject({ spec: { devices: [{ capacity: { memory: { value: '0' } } }] } });
});

test('the least number of 32 bits is a port or a count like any other', () => {
  const port = (value: number) =>
    decode({ spec: { ports: [{ port: 80, targetPort: value }] } }, target('', 'v1', 'Service'));
  expect(port(-(2 ** 31)).object).toMatchObject({ spec: { ports: [{ targetPort: -(2 ** 31) }] } });
  expect(refusal(() => port(2 ** 31))).toContain('cannot unmarshal number 2147483648 into Go value of type int32');
});

test('no bytes make the decoder throw anything but BadRequest', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((j) => `{"spec":${j},"metadata":${j}}`),
      ),
      (text) => {
        for (const format of ['json', 'yaml'] as const) {
          try {
            decode(text, pod, 'Strict', format);
          } catch (error) {
            expect(error).toBeInstanceOf(StatusError);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});
