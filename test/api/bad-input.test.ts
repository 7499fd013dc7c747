import { connect as tcpConnect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpAsk, type HttpsApi, httpsApi } from '../kit/https-api.ts';

let server: HttpsApi;
beforeAll(async () => {
  server = await httpsApi();
});
afterAll(() => server[Symbol.asyncDispose]());

const maps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const json = { 'content-type': 'application/json' };
const yaml = { 'content-type': 'application/yaml' };
const post = (body: string | Buffer, headers: Record<string, string> = json): HttpAsk => ({
  method: 'POST',
  headers,
  body,
});
const patch = (type: string, body: string): HttpAsk => ({
  method: 'PATCH',
  headers: { 'content-type': `application/${type}+json` },
  body,
});
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const wrongPod = JSON.stringify({
  metadata: { name: 'bad' },
  spec: { restartPolicy: 'Sometimes', containers: [{ name: 'A', image: '' }] },
});

/** What is asked, and the code, reason and a part of the message of the answer. */
const table: readonly (readonly [string, string, HttpAsk, number, string, string])[] = [
  ['malformed JSON', maps, post('{"metadata":'), 400, 'BadRequest', 'json parse error'],
  ['malformed YAML', maps, post('a: [', yaml), 400, 'BadRequest', 'error converting YAML to JSON'],
  ['an empty body', maps, post(''), 400, 'BadRequest', ''],
  ['a list for an object', maps, post('[]'), 400, 'BadRequest', 'cannot unmarshal array'],
  [
    'another kind',
    maps,
    post('{"kind":"Pod","apiVersion":"v1"}'),
    400,
    'BadRequest',
    'cannot be handled as a ConfigMap',
  ],
  ['another version', maps, post('{"kind":"ConfigMap","apiVersion":"v2"}'), 400, 'BadRequest', ''],
  ['a create with a name in its path', `${maps}/x`, post('{"metadata":{"name":"x"}}'), 405, 'MethodNotAllowed', ''],
  ['all of all namespaces', '/api/v1/configmaps', { method: 'DELETE' }, 405, 'MethodNotAllowed', ''],
  ['deep nesting', maps, post(deep(5000)), 400, 'BadRequest', ''],
  ['deep YAML', maps, post('['.repeat(5000), yaml), 400, 'BadRequest', ''],
  [
    'a YAML bomb',
    maps,
    post(
      `a: &a [x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]`)
        .join('\n')}`,
      yaml,
    ),
    400,
    'BadRequest',
    '',
  ],
  ['__proto__', maps, post('{"metadata":{"name":"p"},"__proto__":{"x":1}}'), 400, 'BadRequest', '__proto__'],
  ['a wrong type', maps, post('{"metadata":{"name":"t"},"data":{"x":1}}'), 400, 'BadRequest', 'ConfigMap.data'],
  ['a wrong type of metadata', maps, post('{"metadata":"t"}'), 400, 'BadRequest', 'metadata'],
  ['3 MiB', maps, post(Buffer.alloc(3 * 1024 * 1024 + 1, 32)), 413, 'RequestEntityTooLarge', 'limit is 3145728'],
  [
    'an unknown body type',
    maps,
    post('x', { 'content-type': 'text/html' }),
    415,
    'UnsupportedMediaType',
    'application/json',
  ],
  [
    'broken protobuf',
    maps,
    post('x', { 'content-type': 'application/vnd.kubernetes.protobuf' }),
    400,
    'BadRequest',
    'protobuf',
  ],
  ['an unknown answer type', maps, { headers: { accept: 'text/html' } }, 406, 'NotAcceptable', 'application/json'],
  ['a table of one thing that is none', '/version/x', {}, 404, 'NotFound', 'could not find'],
  ['an unknown path', '/nowhere', {}, 404, 'NotFound', 'could not find the requested resource'],
  ['an unknown group', '/apis/nope.io/v1/things', {}, 404, 'NotFound', 'could not find the requested resource'],
  ['an unknown resource', '/api/v1/things', {}, 404, 'NotFound', 'could not find the requested resource'],
  ['an unknown subresource', `${maps}/x/nope`, {}, 404, 'NotFound', 'could not find the requested resource'],
  ['a cluster resource in a namespace', '/api/v1/namespaces/default/nodes', {}, 404, 'NotFound', ''],
  ['broken percent-encoding', `${maps}/%zz`, {}, 400, 'BadRequest', 'percent-encoded'],
  ['a missing object', `${maps}/missing`, {}, 404, 'NotFound', 'configmaps "missing" not found'],
  ['a method that is none', maps, { method: 'OPTIONS' }, 405, 'MethodNotAllowed', 'does not allow this method'],
  ['PUT on a collection', maps, { method: 'PUT', headers: json, body: '{}' }, 405, 'MethodNotAllowed', ''],
  ['POST on all namespaces', '/api/v1/configmaps', post('{}'), 405, 'MethodNotAllowed', ''],
  ['POST to an object', `${maps}/kept`, post('{"metadata":{"name":"other"}}'), 405, 'MethodNotAllowed', ''],
  ['POST to /version', '/version', post('{}'), 405, 'MethodNotAllowed', ''],
  ['a bad label selector', `${maps}?labelSelector=a+in+b`, {}, 400, 'BadRequest', 'unable to parse requirement'],
  ['a bad field selector', `${maps}?fieldSelector=a`, {}, 400, 'BadRequest', "can't understand 'a'"],
  [
    'an unknown field of a selector',
    `${maps}?fieldSelector=data.x%3D1`,
    {},
    400,
    'BadRequest',
    '"data.x" is not a known field selector',
  ],
  ['a bad limit', `${maps}?limit=many`, {}, 400, 'BadRequest', 'limit'],
  ['a bad continue token', `${maps}?continue=xyz`, {}, 400, 'BadRequest', 'continue key is not valid'],
  ['a bad resourceVersion', `${maps}?resourceVersion=abc`, {}, 400, 'BadRequest', 'resourceVersion'],
  ['a bad match', `${maps}?resourceVersionMatch=Exact`, {}, 422, 'Invalid', 'resourceVersionMatch'],
  ['a bad watch revision', `${maps}?watch=1&resourceVersion=abc`, {}, 400, 'BadRequest', 'resourceVersion'],
  [
    'a future watch revision',
    `${maps}?watch=1&resourceVersion=99999999`,
    {},
    504,
    'Timeout',
    'Too large resource version',
  ],
  [
    'a bad dryRun',
    `${maps}?dryRun=Some`,
    post('{}'),
    422,
    'Invalid',
    'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  ],
  [
    'a bad dryRun of a delete',
    `${maps}/kept`,
    { method: 'DELETE', headers: json, body: '{"dryRun":["All","Some"]}' },
    422,
    'Invalid',
    'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["All","Some"]: supported values: "All"',
  ],
  [
    'a bad fieldValidation',
    `${maps}?fieldValidation=Maybe`,
    post('{}'),
    422,
    'Invalid',
    'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
  ],
  [
    'an unknown field, strictly',
    `${maps}?fieldValidation=Strict`,
    post('{"metadata":{"name":"s"},"spec":1}'),
    400,
    'BadRequest',
    'unknown field "spec"',
  ],
  [
    'a repeated field, strictly',
    `${maps}?fieldValidation=Strict`,
    post('{"metadata":{"name":"s"},"data":{"a":"1","a":"2"}}'),
    400,
    'BadRequest',
    'duplicate field "data.a"',
  ],
  ['a bad name', maps, post('{"metadata":{"name":"A_b"}}'), 422, 'Invalid', 'metadata.name: Invalid value: "A_b"'],
  ['no name', maps, post('{}'), 422, 'Invalid', 'name or generateName is required'],
  ['a bad label', maps, post('{"metadata":{"name":"l","labels":{"a b":"c"}}}'), 422, 'Invalid', 'metadata.labels'],
  [
    'a foreign namespace',
    maps,
    post('{"metadata":{"name":"n","namespace":"other"}}'),
    400,
    'BadRequest',
    'does not match the namespace',
  ],
  ['many wrong fields', pods, post(wrongPod), 422, 'Invalid', 'spec.restartPolicy: Unsupported value: "Sometimes"'],
  [
    'an unknown patch type',
    `${maps}/x`,
    { method: 'PATCH', headers: json, body: '{}' },
    415,
    'UnsupportedMediaType',
    'merge-patch',
  ],
  ['a patch that is none', `${maps}/kept`, patch('merge-patch', '{'), 400, 'BadRequest', ''],
  ['a JSON patch that is no list', `${maps}/kept`, patch('json-patch', '{}'), 400, 'BadRequest', ''],
  [
    'a JSON patch that does not fit',
    `${maps}/kept`,
    patch('json-patch', '[{"op":"remove","path":"/nope"}]'),
    422,
    'Invalid',
    '',
  ],
  [
    'a patch with __proto__',
    `${maps}/kept`,
    patch('merge-patch', '{"__proto__":{"x":1}}'),
    400,
    'BadRequest',
    '__proto__',
  ],
  [
    'a patch to another name',
    `${maps}/kept`,
    patch('merge-patch', '{"metadata":{"name":"b"}}'),
    400,
    'BadRequest',
    'does not match the name',
  ],
  [
    'an old resourceVersion',
    `${maps}/kept`,
    { method: 'PUT', headers: json, body: '{"metadata":{"name":"kept","resourceVersion":"1"}}' },
    409,
    'Conflict',
    'has been modified',
  ],
  [
    'a foreign uid',
    `${maps}/kept`,
    { method: 'DELETE', headers: json, body: '{"preconditions":{"uid":"x"}}' },
    409,
    'Conflict',
    'Operation cannot be fulfilled on ConfigMap "kept": the UID in the precondition (x) does not match the UID in record',
  ],
  [
    'a PUT that names nothing',
    `${maps}/kept`,
    { method: 'PUT', headers: json, body: '{}' },
    400,
    'BadRequest',
    'the name of the object (kept based on URL) was undeterminable: name must be provided',
  ],
  [
    'a patch that moves the object',
    `${maps}/kept`,
    patch('merge-patch', '{"metadata":{"namespace":"other","name":"x"}}'),
    400,
    'BadRequest',
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'a patch that takes the name away',
    `${maps}/kept`,
    patch('merge-patch', '{"metadata":{"name":null}}'),
    400,
    'BadRequest',
    'the name of the object (kept based on URL) was undeterminable: name must be provided',
  ],
  [
    'a contradictory delete',
    `${maps}/kept`,
    { method: 'DELETE', headers: json, body: '{"propagationPolicy":"Orphan","orphanDependents":true}' },
    422,
    'Invalid',
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
  ],
  [
    'a delete of an unknown propagation',
    `${maps}/kept?propagationPolicy=Foo`,
    { method: 'DELETE' },
    422,
    'Invalid',
    'propagationPolicy: Unsupported value: "Foo": supported values: "Foreground", "Background", "Orphan", "nil"',
  ],
  [
    'half a dry run',
    `${maps}/kept?dryRun=Some`,
    { method: 'DELETE' },
    422,
    'Invalid',
    'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  ],
  [
    'half a dry run in a body',
    `${maps}/kept?dryRun=All`,
    { method: 'DELETE', headers: json, body: '{"dryRun":["Some"]}' },
    422,
    'Invalid',
    'dryRun: Unsupported value: ["Some"]: supported values: "All"',
  ],
  [
    'an unknown field validation',
    `${maps}?fieldValidation=Some`,
    { method: 'POST', headers: json, body: '{"metadata":{"name":"x"}}' },
    422,
    'Invalid',
    'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Some": supported values: "", "Ignore", "Strict", "Warn"',
  ],
  [
    'an upgrade of a plain path',
    maps,
    { headers: { connection: 'Upgrade', upgrade: 'websocket' } },
    400,
    'BadRequest',
    'upgrade',
  ],
];

test.each(table)('%s', async (_what, path, ask, code, reason, message) => {
  await server.api
    .call('get', 'configmaps', { name: 'kept' })
    .catch(() => server.api.call('create', 'configmaps', { object: { metadata: { name: 'kept' } } }));
  const answer = await server.ask(path, ask);
  expect(answer.json).toMatchObject({ kind: 'Status', status: 'Failure', code, reason });
  expect(answer.code).toBe(code);
  expect(answer.json.message).toContain(message);
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

test('an object that is refused names every wrong field', async () => {
  const { json: status } = await server.post(pods, wrongPod);
  const fields = (status as unknown as { details: { causes: { field: string }[] } }).details.causes.map((c) => c.field);
  expect(fields).toEqual(expect.arrayContaining(['spec.restartPolicy', 'spec.containers[0].name']));
  expect(fields.length).toBeGreaterThan(1);
});

test('connections that say nothing, or junk, harm nobody', async () => {
  const half = tcpConnect(server.port, '127.0.0.1');
  half.on('error', () => {});
  const junk = tcpConnect(server.port, '127.0.0.1', () => junk.write('GET / HTTP/1.1\r\n\r\n'));
  junk.on('error', () => {});
  await new Promise((done) => junk.on('close', done));
  expect((await server.ask('/livez')).text).toBe('ok');
  half.destroy();
});

test('an unknown field is a warning unless asked otherwise', async () => {
  const { code, headers } = await server.post(maps, { metadata: { name: 'warned' }, nonsense: 1 });
  expect(code).toBe(201);
  expect(headers['warning']).toBe('299 - "unknown field \\"nonsense\\""');
});

test('findings are warnings one by one, or one refusal, in JSON, YAML and protobuf', async () => {
  const yaml = (validation: string) =>
    server.ask(`${maps}?fieldValidation=${validation}&dryRun=All`, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\n  name: z\ndata:\n  a: "1"\n  a: "2"\nwhy: 1\n',
    });
  const warned = await yaml('Warn');
  // Node joins headers of one name.
  expect(warned.headers['warning']).toBe(
    ['line 5: key "name" already set in map', 'line 8: key "a" already set in map', 'unknown field "why"']
      .map((text) => `299 - "${text.replaceAll('"', '\\"')}"`)
      .join(', '),
  );
  expect((await yaml('Strict')).json.message).toBe(
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 5: key "name" already set in map\n  line 8: key "a" already set in map, unknown field "why"',
  );
  expect((await yaml('Ignore')).headers['warning']).toBeUndefined();
  const patch = (validation: string) =>
    server.ask(`${maps}/warned?fieldValidation=${validation}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json' },
      body: '[{"op":"add","path":"/why","value":1,"what":1}]',
    });
  await server.post(maps, { metadata: { name: 'warned' } });
  expect((await patch('Warn')).headers['warning']).toBe(
    '299 - "json patch unknown field \\"[0].what\\"", 299 - "unknown field \\"why\\""',
  );
  expect((await patch('Strict')).json).toMatchObject({
    code: 422,
    message: expect.stringContaining('strict decoding error: json patch unknown field "[0].what", unknown field "why"'),
  });
});
