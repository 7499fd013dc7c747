import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { groupVersionFacts, type ResourceFacts } from '../../src/api/discovery-facts.ts';
import { kindFacts, type TypeFacts } from '../../src/api/facts.ts';
import { apiVersionOf } from '../../src/api/object.ts';
import { type HttpAnswer, type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { anyJson, Random, randomObject, randomValue } from '../kit/random-objects.ts';

/**
 * 100,000 random objects and patches against every stored kind, over HTTPS: whatever comes, the answer is a Status or an
 * object, never a 500, and the server stands. The seed is fixed; `KRILL_FUZZ_SEED` and `KRILL_FUZZ_RUNS` choose others.
 */
const seed = Number(process.env['KRILL_FUZZ_SEED'] ?? 20261128);
const runs = Number(process.env['KRILL_FUZZ_RUNS'] ?? 100_000);
const lanes = 16;

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly type: TypeFacts;
  readonly path: string;
  readonly facts: ResourceFacts;
}

const kinds: readonly Kind[] = groupVersionFacts.flatMap((gv) =>
  gv.resources
    .filter((facts) => facts.verbs.includes('create') && facts.verbs.includes('update'))
    .map((facts) => {
      const base = gv.group ? `/apis/${gv.group}/${gv.version}` : `/api/${gv.version}`;
      return {
        apiVersion: apiVersionOf(gv),
        kind: facts.kind,
        type: kindFacts(gv.group, gv.version, facts.kind)!,
        path: `${base}${facts.namespaced ? '/namespaces/default' : ''}/${facts.resource}`,
        facts,
      };
    }),
);

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

const names = ['one', 'two', 'three'];

/** Bodies say long integers exactly. */
const json = (value: unknown) => JSON.stringify(value);
const written = (value: unknown, random: Random): Pick<Ask, 'contentType' | 'body'> =>
  random.chance(0.05)
    ? { contentType: 'application/yaml', body: stringify(JSON.parse(json(value))) }
    : { contentType: 'application/json', body: json(value) };

function pointer(value: unknown, random: Random): string {
  let path = '';
  let at = value;
  while (typeof at === 'object' && at !== null && random.chance(0.85)) {
    const keys = Object.keys(at);
    const key = keys.length && random.chance(0.95) ? random.pick(keys) : random.pick(['-', '0', 'x', '99', '~0']);
    path += `/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`;
    at = (at as Record<string, unknown>)[key];
  }
  return path;
}

function jsonPatch(kind: Kind, random: Random): unknown {
  const sample = randomObject(kind, random.pick(names), random);
  return Array.from({ length: 1 + random.below(3) }, () => ({
    op: random.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'frob']),
    path: pointer(sample, random),
    from: pointer(sample, random),
    value: anyJson(random),
  }));
}

const directives = ['$patch', '$retainKeys', '$deleteFromPrimitiveList/finalizers', '$setElementOrder/containers'];
const directiveValues = ['replace', 'delete', 'merge', ['name'], ['a', 'b'], [{ name: 'web' }], 7];

/** Part of an object, sprinkled with the directives of strategic merge. */
function partial(kind: Kind, random: Random, strategic: boolean): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const field of kind.type.fields.values()) {
    if (['apiVersion', 'kind', 'metadata'].includes(field.name) || !random.chance(0.5)) continue;
    tree[field.name] = random.chance(0.1) ? null : randomValue(field.type, random, 2);
  }
  if (random.chance(0.4)) tree['metadata'] = { labels: { app: random.pick(['x', 'y', null]) } };
  if (strategic) sprinkle(tree, random);
  return tree;
}

function sprinkle(value: unknown, random: Random): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  for (const item of Object.values(value)) sprinkle(item, random);
  if (!Array.isArray(value) && random.chance(0.08))
    (value as Record<string, unknown>)[random.pick(directives)] = random.pick(directiveValues);
}

type Maker = (kind: Kind, name: string, random: Random) => Ask;
const at = (kind: Kind, name: string) => `${kind.path}/${name}`;
const patch =
  (type: string, body: (kind: Kind, random: Random) => unknown): Maker =>
  (kind, name, random) => ({
    method: 'PATCH',
    path: at(kind, name),
    contentType: `application/${type}`,
    body: json(body(kind, random)),
  });

/** What is asked, and how often. */
const makers: readonly (readonly [number, Maker])[] = [
  [
    0.3,
    (kind, name, random) => ({
      method: 'POST',
      path: `${kind.path}?fieldValidation=${random.pick(['Strict', 'Warn', 'Ignore', ''])}`,
      ...written(randomObject(kind, name, random), random),
    }),
  ],
  [
    0.15,
    (kind, name, random) => ({
      method: 'PUT',
      path: at(kind, name),
      ...written(randomObject(kind, name, random), random),
    }),
  ],
  [
    0.06,
    (kind, name, random) => ({
      method: 'PUT',
      path: `${at(kind, name)}/${random.pick(['status', 'scale', 'finalize', 'approval', 'resize', 'ephemeralcontainers'])}`,
      ...written(randomObject(kind, name, random), random),
    }),
  ],
  [0.1, patch('json-patch+json', jsonPatch)],
  [0.12, patch('merge-patch+json', (kind, random) => partial(kind, random, false))],
  [0.12, patch('strategic-merge-patch+json', (kind, random) => partial(kind, random, true))],
  [
    0.12,
    (kind, name, random) => ({
      method: 'PATCH',
      path: `${at(kind, name)}${random.pick(['', '', '', '/status', '/scale'])}?fieldManager=${random.pick(['a', 'b', 'c'])}&force=${random.chance(0.5)}`,
      contentType: 'application/apply-patch+yaml',
      body: json(randomObject(kind, name, random)),
    }),
  ],
  [
    0.03,
    (kind, name, random) => ({
      method: 'DELETE',
      path: at(kind, name),
      contentType: 'application/json',
      body: random.chance(0.5)
        ? ''
        : json({ propagationPolicy: random.pick(['Orphan', 'Foreground', 'x']), gracePeriodSeconds: 0 }),
    }),
  ],
];

function askOf(n: number): Ask {
  const random = new Random(n);
  const kind = random.pick(kinds);
  // Some kinds bind the name to the rest of the object; those that are cluster-wide and vital keep theirs.
  const name = random.pick(names);
  let left = random.next();
  for (const [share, maker] of makers) {
    left -= share;
    if (left < 0) return maker(kind, name, random);
  }
  return makers[0]![1](kind, name, random);
}

let server: HttpsApi;
beforeAll(async () => {
  server = await httpsApi();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Why an answer is not one a server may give; undefined when it is. */
function wrong(answer: HttpAnswer): string | undefined {
  if (answer.code >= 500) return `${answer.code} ${answer.json.message}`;
  const body = answer.json as unknown as { kind?: string; status?: string; message?: string };
  if (answer.code < 300) return body.kind ? undefined : `no kind: ${answer.text.slice(0, 200)}`;
  return body.kind === 'Status' && body.status === 'Failure' && body.message ? undefined : answer.text.slice(0, 500);
}

test(`${runs} random requests are all answered as they should be`, { timeout: 600_000 }, async () => {
  const seeds = fc.sample(fc.integer(), { numRuns: runs, seed });
  const codes = new Map<string, number>();
  /** One request for each thing that went wrong. */
  const failures = new Map<string, string>();
  let next = 0;
  const lane = async () => {
    while (next < seeds.length && failures.size < 20) {
      const n = seeds[next++]!;
      const ask = askOf(n);
      const answer = await server.ask(ask.path, {
        method: ask.method,
        headers: { 'content-type': ask.contentType },
        ...(ask.body && { body: ask.body }),
      });
      const key = `${ask.method} ${Math.floor(answer.code / 100)}xx`;
      codes.set(key, (codes.get(key) ?? 0) + 1);
      const why = wrong(answer);
      if (why && !failures.has(why))
        failures.set(why, `seed ${n}: ${ask.method} ${ask.path} (${ask.contentType}) ${ask.body.slice(0, 1000)}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  expect(Object.fromEntries(failures)).toEqual({});
  // Random is no excuse for asking nothing that works.
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect(codes.get(`${method} 2xx`), method).toBeGreaterThan(runs / 2000);
  for (const { path } of kinds) expect((await server.ask(path)).code, path).toBe(200);
  expect((await server.ask('/readyz')).code).toBe(200);
});
