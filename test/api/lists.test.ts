import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';
import { httpsApi } from '../kit/https-api.ts';

const configMap = (name: string, labels?: Record<string, string>) => ({
  metadata: { name, ...(labels && { labels }) },
});

const names = (list: { items: readonly KubeObject[] }) => list.items.map((item) => item.metadata.name);

async function withMaps(api: TestApi, count: number, labels?: Record<string, string>): Promise<void> {
  for (let i = 0; i < count; i++)
    await api.call('create', 'configmaps', { object: configMap(`c${String(i).padStart(4, '0')}`, labels) });
}

const maps = '/api/v1/namespaces/default/configmaps';
const forbidden = 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ';
const initial = 'watch=1&sendInitialEvents=true';

test.each([
  ['resourceVersionMatch=Exact', `${forbidden}resourceVersionMatch is forbidden unless resourceVersion is provided`],
  [
    'resourceVersionMatch=Exact&resourceVersion=0',
    `${forbidden}resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
  ],
  [
    'resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=x',
    `${forbidden}resourceVersionMatch is forbidden when continue is provided`,
  ],
  [
    'resourceVersionMatch=Nearly&resourceVersion=1',
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Nearly": supported values: "Exact", "NotOlderThan", ""',
  ],
  [
    'resourceVersionMatch=Nearly',
    'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided, resourceVersionMatch: Unsupported value: "Nearly": supported values: "Exact", "NotOlderThan", ""]',
  ],
  [
    'sendInitialEvents=true',
    'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
  ],
  [initial, `${forbidden}sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`],
  [
    'watch=1&resourceVersionMatch=NotOlderThan',
    `${forbidden}resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided`,
  ],
  [
    `${initial}&resourceVersionMatch=Exact`,
    'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
  ],
  [
    `${initial}&resourceVersionMatch=NotOlderThan&continue=x`,
    `${forbidden}resourceVersionMatch is forbidden when continue is provided`,
  ],
])('%s is refused', async (query, message) => {
  await using server = await httpsApi();
  const answer = await server.ask(`${maps}?${query}`);
  expect([answer.code, answer.json.reason, answer.json.message]).toEqual([422, 'Invalid', message]);
});

const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  ['continue=%25', 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0'],
  [
    'continue=e30',
    'invalid continue token: continue key is not valid: server does not recognize this encoded version ',
  ],
  ['continue=bm8', 'invalid continue token: continue key is not valid: invalid character'],
  [`continue=${token({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' })}`, 'incorrect encoded start resourceVersion'],
  [`continue=${token({ v: 'meta.k8s.io/v1', rv: 5, start: '' })}`, 'encoded start key empty'],
  [`continue=${token({ v: 'meta.k8s.io/v1', rv: 5, start: '../x' })}`, 'continue key is not valid: ../x'],
  [
    `continue=${token({ v: 'meta.k8s.io/v1', rv: 5, start: 'a/b' })}&resourceVersion=5`,
    'specifying resource version is not allowed when using continue',
  ],
  [
    'resourceVersion=abc',
    'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  ],
  ['resourceVersion=99999999999999999999', 'value out of range'],
  ['watch=1&resourceVersion=-1', 'resourceVersion: Invalid value: "-1"'],
])('%s is no good request', async (query, message) => {
  await using server = await httpsApi();
  const answer = await server.ask(`${maps}?${query}`);
  expect([answer.code, answer.json.reason]).toEqual([400, 'BadRequest']);
  expect(answer.json.message).toContain(message);
});

test('a revision says at least, or exactly, as it is matched', async () => {
  await using api = await apiServer();
  await withMaps(api, 3);
  const then = String(api.store.revision);
  await api.call('create', 'configmaps', { object: configMap('later') });
  const now = String(api.store.revision);
  const counts = async (options: object) => {
    const { items, metadata } = await api.list('configmaps', options);
    return [items.length, metadata.resourceVersion, metadata.continue !== undefined];
  };
  expect(await counts({})).toEqual([4, now, false]);
  expect(await counts({ resourceVersion: then })).toEqual([4, now, false]);
  expect(await counts({ resourceVersion: then, resourceVersionMatch: 'NotOlderThan', limit: 2 })).toEqual([
    2,
    now,
    true,
  ]);
  expect(await counts({ resourceVersion: then, resourceVersionMatch: 'Exact' })).toEqual([3, then, false]);
  // A limit alone makes it exact, as it always has.
  expect(await counts({ resourceVersion: then, limit: 2 })).toEqual([2, then, true]);
  // Who takes any revision gets everything.
  expect(await counts({ resourceVersion: '0', limit: 2 })).toEqual([4, now, false]);
  await expect(counts({ resourceVersion: '999999' })).rejects.toMatchObject({
    code: 504,
    message: `Timeout: Too large resource version: 999999, current: ${now}`,
    status: { details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] } },
  });
});

test('pages come from one revision, and say how many remain unless they are selected', async () => {
  await using api = await apiServer();
  await withMaps(api, 40, { half: 'first' });
  let page = await api.list('configmaps', { limit: 15 });
  const revision = page.metadata.resourceVersion;
  const seen = names(page);
  const remaining = [page.metadata.remainingItemCount];
  for (let n = 0; page.metadata.continue; n++) {
    await api.call('delete', 'configmaps', { name: `c00${20 + n}` });
    await api.call('create', 'configmaps', { object: configMap(`c0010-${n}`) });
    page = await api.list('configmaps', { limit: 15, continue: page.metadata.continue });
    expect(page.metadata.resourceVersion).toBe(revision);
    seen.push(...names(page));
    remaining.push(page.metadata.remainingItemCount);
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => `c${String(i).padStart(4, '0')}`));
  expect(remaining).toEqual([25, 10, undefined]);
  const selected = await api.list('configmaps', { limit: 15, labelSelector: 'half=first' });
  expect(selected.metadata.continue).toBeDefined();
  expect(selected.metadata).not.toHaveProperty('remainingItemCount');
});

test('revisions that are gone are told as such, by lists, pages and watches', async () => {
  await using server = await httpsApi();
  const { api } = server;
  await withMaps(api, 4);
  const then = api.store.revision;
  const first = await api.list('configmaps', { limit: 2 });
  await api.call('create', 'configmaps', { object: configMap('z') });
  await api.store.compact(api.store.revision - 1);
  await api.call('create', 'configmaps', { object: configMap('zz') });
  const exact = await server.ask(`${maps}?resourceVersion=${then}&resourceVersionMatch=Exact`);
  expect([exact.code, exact.json.reason, exact.json.message]).toEqual([
    410,
    'Expired',
    'The resourceVersion for the provided list is too old.',
  ]);
  const page = await server.ask(`${maps}?limit=3&continue=${first.metadata.continue}`);
  expect([page.code, page.json.reason]).toEqual([410, 'Expired']);
  expect(page.json.message).toMatch(
    /^The provided continue parameter is too old to display a consistent list result\./,
  );
  const fresh = (page.json as unknown as { metadata: { continue: string } }).metadata.continue;
  const rest = await api.list('configmaps', { limit: 3, continue: fresh });
  expect(names(rest)).toEqual(['c0002', 'c0003', 'z']);
  // From there on the list is consistent again.
  await api.call('create', 'configmaps', { object: configMap('zzz') });
  expect(names(await api.list('configmaps', { continue: rest.metadata.continue! }))).toEqual(['zz']);
  const watch = await server.ask(`${maps}?watch=1&resourceVersion=${then}`);
  expect([watch.code, watch.json]).toMatchObject([
    200,
    {
      type: 'ERROR',
      object: { code: 410, reason: 'Expired', message: `too old resource version: ${then} (${api.store.floor + 1})` },
    },
  ]);
});

test('a list of one name reads that one only, and says the revision', async () => {
  await using api = await apiServer();
  await withMaps(api, 3, { a: 'b' });
  const one = await api.list('configmaps', { fieldSelector: 'metadata.name=c0001' });
  expect([names(one), one.metadata.resourceVersion]).toEqual([['c0001'], String(api.store.revision)]);
  expect(names(await api.list('configmaps', { fieldSelector: 'metadata.name=c0001', labelSelector: 'a=x' }))).toEqual(
    [],
  );
  expect(names(await api.list('configmaps', { fieldSelector: 'metadata.name=c0001' }, ''))).toEqual(['c0001']);
  expect(names(await api.list('configmaps', { fieldSelector: 'metadata.name=none' }))).toEqual([]);
});
