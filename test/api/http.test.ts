import { connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const partial = (kind: string) => ({ headers: { accept: `application/json;as=${kind};v=v1;g=meta.k8s.io` } });

/** The frames of a watch as they come. */
function watchFrames(server: HttpsApi, path: string, headers: Record<string, string> = {}) {
  const frames: { type: string; object: Record<string, never> & { metadata: { name?: string } } }[] = [];
  const waiting: (() => void)[] = [];
  let rest = '';
  const request = httpsRequest(
    { host: '127.0.0.1', port: server.port, path, headers, ca: server.ca, ...server.admin },
    (answer) => {
      answer.setEncoding('utf8');
      answer.on('error', () => {});
      answer.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) frames.push(JSON.parse(line));
        for (const done of waiting.splice(0)) done();
      });
      answer.on('close', () => {
        for (const done of waiting.splice(0)) done();
      });
    },
  );
  request.on('error', () => {});
  request.end();
  return {
    until: async (count: number) => {
      while (frames.length < count) await new Promise<void>((done) => waiting.push(done));
      return frames;
    },
    close: () => request.destroy(),
  };
}

test('tables have the columns of the kind, and rows carry as much of the object as asked', async () => {
  await using server = await httpsApi();
  await server.post(maps, { metadata: { name: 'a' }, data: { x: '1', y: '2' } });
  const whole = (await server.ask(maps, { headers: { accept: table } })).json as unknown as {
    kind: string;
    columnDefinitions: { name: string }[];
    rows: { cells: unknown[]; object: { kind: string; metadata: { name: string } } }[];
  };
  expect(whole.kind).toBe('Table');
  expect(whole.columnDefinitions.map((c) => c.name)).toEqual(['Name', 'Data', 'Age']);
  expect(whole.rows[0]!.cells.slice(0, 2)).toEqual(['a', 2]);
  expect(whole.rows[0]!.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  const none = await server.ask(`${maps}/a?includeObject=None`, { headers: { accept: table } });
  expect(none.json).toMatchObject({ rows: [{ object: null }] });
  const full = await server.ask(`${maps}?includeObject=Object`, { headers: { accept: table } });
  expect(full.json).toMatchObject({ rows: [{ object: { kind: 'ConfigMap', data: { x: '1' } } }] });
});

test('a scale has a table of its own', async () => {
  await using server = await httpsApi();
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  await server.post(deployments, {
    metadata: { name: 'd' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  const scale = await server.ask(`${deployments}/d/scale`, { headers: { accept: table } });
  expect(scale.json).toMatchObject({
    kind: 'Table',
    columnDefinitions: [{ name: 'Name' }, { name: 'Desired' }, { name: 'Available' }, { name: 'Age' }],
    rows: [{ cells: ['d', 3, 0, expect.any(String)], object: { kind: 'PartialObjectMetadata' } }],
  });
});

test('what is only written has no table: 406 for who takes nothing else', async () => {
  await using server = await httpsApi();
  const review = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
  const ask = (accept: string) =>
    server.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, { headers: { accept } });
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  expect((await ask(table)).json).toMatchObject({ kind: 'Status', code: 406, reason: 'NotAcceptable' });
  expect((await ask(`${table},application/json`)).json).toMatchObject({ kind: 'SelfSubjectAccessReview' });
});

test('metadata alone can be asked for, of one object and of many', async () => {
  await using server = await httpsApi();
  const { json: created } = await server.post(maps, { metadata: { name: 'a', labels: { l: 'v' } }, data: { x: '1' } });
  const one = await server.ask(`${maps}/a`, partial('PartialObjectMetadata'));
  expect(one.json).toEqual({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: created['metadata'],
  });
  const many = await server.ask(maps, partial('PartialObjectMetadataList'));
  expect(many.json).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] });
  expect((await server.ask(maps, partial('PartialObjectMetadata'))).code).toBe(406);
});

test('YAML goes in and out', async () => {
  await using server = await httpsApi();
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ym\ndata:\n  k: "yes"\n';
  const yaml = { 'content-type': 'application/yaml', accept: 'application/yaml' };
  const created = await server.ask(maps, { method: 'POST', headers: yaml, body });
  expect([created.code, created.headers['content-type']]).toEqual([201, 'application/yaml']);
  expect(created.text).toContain('\ndata:\n  k: "yes"\n');
});

test('a large list is compressed for who can read it', async () => {
  await using server = await httpsApi();
  for (let i = 0; i < 3; i++)
    await server.post(maps, { metadata: { name: `big${i}` }, data: { k: 'x'.repeat(60_000) } });
  const plain = await server.ask(maps);
  expect(plain.headers['content-encoding']).toBeUndefined();
  const packed = await new Promise<Buffer>((resolve) => {
    const headers = { 'accept-encoding': 'gzip' };
    httpsRequest(
      { host: '127.0.0.1', port: server.port, path: maps, headers, ca: server.ca, ...server.admin },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve(Buffer.concat(chunks)));
      },
    ).end();
  });
  expect(packed.length).toBeLessThan(10_000);
  expect(gunzipSync(packed).toString()).toBe(plain.text);
});

test('a watch over HTTP sends one line per event, in every format', async () => {
  await using server = await httpsApi();
  const plain = watchFrames(server, `${maps}?watch=1`);
  const old = watchFrames(server, '/api/v1/watch/namespaces/default/configmaps/a');
  const rows = watchFrames(server, `${maps}?watch=true`, { accept: table });
  const { json: first } = await server.post(maps, { metadata: { name: 'first' } });
  await server.post(maps, { metadata: { name: 'a' } });
  await server.ask(`${maps}/a`, { method: 'DELETE' });
  const frames = await plain.until(3);
  expect(frames.map((f) => `${f.type} ${f.object.metadata.name}`)).toEqual(['ADDED first', 'ADDED a', 'DELETED a']);
  expect(frames[0]!.object).toEqual(first);
  expect((await old.until(2)).map((f) => f.type)).toEqual(['ADDED', 'DELETED']);
  const tables = (await rows.until(3)) as unknown as {
    object: { columnDefinitions: unknown[] | null; rows: unknown[] };
  }[];
  expect(tables.map((f) => [f.object.columnDefinitions?.length ?? 0, f.object.rows.length])).toEqual([
    [3, 1],
    [0, 1],
    [0, 1],
  ]);
  for (const watching of [plain, old, rows]) watching.close();
});

test('a watch ends after timeoutSeconds, and not with an error', async () => {
  await using server = await httpsApi();
  const answer = await server.ask(`${maps}?watch=1&timeoutSeconds=1`);
  expect([answer.code, answer.text]).toEqual([200, '']);
});

test('HTTP/2 answers as HTTP/1.1 does, and ends the connection of a stranger', async () => {
  await using server = await httpsApi();
  await server.post(maps, { metadata: { name: 'a' } });
  const get = (path: string, options: object) =>
    new Promise<{ code: number; text: string; closed: Promise<void> }>((resolve, reject) => {
      const session = connect(`https://127.0.0.1:${server.port}`, { ca: server.ca, ...options });
      session.on('error', reject);
      const closed = new Promise<void>((done) => session.on('close', done));
      const stream = session.request({ ':path': path });
      let code = 0;
      let text = '';
      stream.setEncoding('utf8');
      stream.on('response', (headers) => {
        code = headers[':status'] ?? 0;
      });
      stream.on('data', (chunk: string) => {
        text += chunk;
      });
      stream.on('end', () => resolve({ code, text, closed }));
      if ('cert' in options) stream.on('close', () => session.close());
    });
  const answer = await get(`${maps}/a`, server.admin);
  expect(answer.code).toBe(200);
  expect(answer.text).toBe((await server.ask(`${maps}/a`)).text);
  const stranger = await get(`${maps}/a`, {});
  expect(stranger.code).toBe(401);
  await stranger.closed;
});

test('discovery comes whole, by group, and unchanged as 304', async () => {
  await using server = await httpsApi();
  const aggregated = {
    accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
  };
  const all = await server.ask('/apis', { headers: aggregated });
  expect(all.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  const again = await server.ask('/apis', { headers: { ...aggregated, 'if-none-match': all.headers.etag! } });
  expect([again.code, again.text]).toEqual([304, '']);
  const apps = await server.ask('/apis/apps/v1');
  const names = (apps.json as unknown as { resources: { name: string }[] }).resources.map((r) => r.name);
  expect(names).toEqual(expect.arrayContaining(['deployments', 'deployments/scale', 'deployments/status']));
  expect((await server.ask('/api')).json).toMatchObject({ versions: ['v1'] });
});

test('OpenAPI documents are where the index says', async () => {
  await using server = await httpsApi();
  const { paths } = (await server.ask('/openapi/v3')).json as unknown as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  const apps = await server.ask(paths['apis/apps/v1']!.serverRelativeURL);
  expect(apps.code).toBe(200);
  expect(apps.json).toMatchObject({ components: { schemas: { 'io.k8s.api.apps.v1.Deployment': {} } } });
});

test('metrics count what was asked', async () => {
  await using server = await httpsApi();
  await server.ask(`${maps}/none`);
  const { text } = await server.ask('/metrics');
  expect(text).toMatch(/^apiserver_request_total\{verb="GET",.*resource="configmaps",.*code="404"\} 1$/m);
  expect(text).toMatch(/^apiserver_storage_objects\{resource="namespaces"\} 2$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds 0$/m);
});

test('`kubectl get --raw /` names discovery, OpenAPI and health, and everything it names is there', async () => {
  await using server = await httpsApi();
  const { paths } = (await server.ask('/')).json as unknown as { paths: string[] };
  expect(paths).toEqual(expect.arrayContaining(['/api/v1', '/apis/apps/v1', '/openapi/v2', '/readyz/ping']));
  const answers = await Promise.all(paths.map(async (path) => [path, (await server.ask(path)).code]));
  expect(answers.filter(([, code]) => code !== 200)).toEqual([]);
});

test('rows of flow schemas stand in the order in which requests are held against them', async () => {
  await using server = await httpsApi();
  const schemas = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
  for (const [name, matchingPrecedence] of [
    ['c', 20],
    ['b', 10],
    ['a', 20],
  ]) {
    const spec = { matchingPrecedence, priorityLevelConfiguration: { name: 'x' } };
    await server.post(schemas, { metadata: { name }, spec });
  }
  const names = (list: { metadata: { name: string } }[]) => list.map(({ metadata: { name } }) => name);
  const plain = (await server.ask(schemas, {})).json as unknown as { items: { metadata: { name: string } }[] };
  expect(names(plain.items)).toEqual(['a', 'b', 'c']);
  const { rows } = (await server.ask(schemas, { headers: { accept: table } })).json as unknown as {
    rows: { object: { metadata: { name: string } } }[];
  };
  expect(names(rows.map(({ object }) => object))).toEqual(['b', 'a', 'c']);
});
