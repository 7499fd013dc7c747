import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { conform } from '../../src/api/conform.ts';
import { groupVersionFacts } from '../../src/api/discovery-facts.ts';
import { kindFacts, type TypeFacts } from '../../src/api/facts.ts';
import { parseJson } from '../../src/api/json.ts';
import { apiVersionOf } from '../../src/api/object.ts';
import { encodeMessage } from '../../src/api/protobuf/encode.ts';
import { envelope } from '../../src/api/protobuf/envelope.ts';
import { structuralFacts } from '../../src/api/structural/facts.ts';
import { compileStructural } from '../../src/api/structural/structural.ts';
import type { JSONSchemaProps } from '../../src/api/types/apiextensions-v1.gen.ts';
import { type HttpAnswer, type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { readProtobuf } from '../kit/protobuf.ts';
import { anyJson, type Choices, randomObject, randomValue, Seeded } from '../kit/random-object.ts';

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
}

const builtIn: readonly Kind[] = groupVersionFacts.flatMap((gv) =>
  gv.resources
    .filter((facts) => facts.verbs.includes('create') && facts.verbs.includes('update'))
    .map((facts) => {
      const base = gv.group ? `/apis/${gv.group}/${gv.version}` : `/api/${gv.version}`;
      return {
        apiVersion: apiVersionOf(gv),
        kind: facts.kind,
        type: kindFacts(gv.group, gv.version, facts.kind)!,
        path: `${base}${facts.namespaced ? '/namespaces/default' : ''}/${facts.resource}`,
      };
    }),
);

const schema: JSONSchemaProps = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', format: 'int32', minimum: 0, default: 1 },
        size: { type: 'string', pattern: '^[a-z]+$', maxLength: 20, nullable: true },
        port: { 'x-kubernetes-int-or-string': true },
        tags: {
          type: 'array',
          items: { type: 'string', maxLength: 64 },
          maxItems: 10,
          'x-kubernetes-list-type': 'set',
        },
        parts: {
          type: 'array',
          maxItems: 10,
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string', maxLength: 64 }, weight: { type: 'number', default: 1 } },
          },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
        rest: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        labels: { type: 'object', maxProperties: 10, additionalProperties: { type: 'string' } },
        embedded: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        when: { type: 'string', format: 'date-time' },
      },
      'x-kubernetes-validations': [
        { rule: 'self.replicas <= 100', messageExpression: '"at most " + "100"' },
        { rule: '!has(self.parts) || self.parts.all(p, p.weight >= 0.0)', fieldPath: '.parts' },
        { rule: 'self.replicas >= oldSelf.replicas - 1', reason: 'FieldValueForbidden' },
      ],
    },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.fuzz.krill.dev' },
  spec: {
    group: 'fuzz.krill.dev',
    scope: 'Namespaced',
    names: { plural: 'gadgets', kind: 'Gadget' },
    versions: ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
      schema: { openAPIV3Schema: schema },
    })),
  },
};

/** A custom resource in two versions, asked as often as any ten kinds. */
const custom: readonly Kind[] = Array.from({ length: 10 }, (_, i) => {
  const version = i % 2 ? 'v1' : 'v2';
  return {
    apiVersion: `fuzz.krill.dev/${version}`,
    kind: 'Gadget',
    type: structuralFacts(compileStructural(schema), 'fuzz.krill.dev', version, 'Gadget'),
    path: `/apis/fuzz.krill.dev/${version}/namespaces/default/gadgets`,
  };
});
const kinds: readonly Kind[] = [...builtIn, ...custom];

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly accept?: string;
}

const protobuf = 'application/vnd.kubernetes.protobuf';
/** What a Go client accepts. */
const asGo = `${protobuf}, application/json`;

const names = ['one', 'two', 'three'];
const chance = (random: Choices, share: number) => random.next(1000) < share * 1000;

/** An object that could be taken but for its insides. */
function objectOf(kind: Kind, name: string, random: Choices): Record<string, unknown> {
  const object = randomObject(kind.type, random);
  const metadata = {
    ...(chance(random, 0.05) && (object['metadata'] as object)),
    ...(chance(random, 0.3) && { labels: { app: random.of(['web', 'db', 'a']) } }),
    ...(chance(random, 0.05) && { finalizers: [random.of(['example.com/hold', 'bad'])] }),
  };
  return {
    ...object,
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...metadata, name, namespace: undefined },
  };
}

/** Bodies say long integers exactly. */
const json = (value: unknown) => JSON.stringify(value);
function written(kind: Kind, name: string, random: Choices): Pick<Ask, 'contentType' | 'body'> {
  const value = objectOf(kind, name, random);
  if (chance(random, 0.05)) return { contentType: 'application/yaml', body: stringify(JSON.parse(json(value))) };
  const binary = chance(random, 0.2) && kind.type.wire.length > 0 ? binaryOf(kind, value) : undefined;
  return binary ? { contentType: protobuf, body: binary } : { contentType: 'application/json', body: json(value) };
}

/** The object as protobuf; undefined where something of the wrong type has no place in it. */
function binaryOf({ type, apiVersion, kind }: Kind, value: object): Buffer | undefined {
  try {
    return envelope(apiVersion, kind, encodeMessage(type, value));
  } catch {
    return undefined;
  }
}

function pointer(value: unknown, random: Choices): string {
  let path = '';
  let at = value;
  while (typeof at === 'object' && at !== null && chance(random, 0.85)) {
    const keys = Object.keys(at);
    const key = keys.length && chance(random, 0.95) ? random.of(keys) : random.of(['-', '0', 'x', '99', '~0']);
    path += `/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`;
    at = (at as Record<string, unknown>)[key];
  }
  return path;
}

function jsonPatch(kind: Kind, random: Choices): unknown {
  const sample = objectOf(kind, random.of(names), random);
  return Array.from({ length: 1 + random.next(3) }, () => ({
    op: random.of(['add', 'remove', 'replace', 'move', 'copy', 'test', 'frob']),
    path: pointer(sample, random),
    from: pointer(sample, random),
    value: anyJson(random),
  }));
}

const directives = ['$patch', '$retainKeys', '$deleteFromPrimitiveList/finalizers', '$setElementOrder/containers'];
const directiveValues = ['replace', 'delete', 'merge', ['name'], ['a', 'b'], [{ name: 'web' }], 7];

/** Part of an object, sprinkled with the directives of strategic merge. */
function partial(kind: Kind, random: Choices, strategic: boolean): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const field of kind.type.fields.values()) {
    if (['apiVersion', 'kind', 'metadata'].includes(field.name) || !chance(random, 0.5)) continue;
    tree[field.name] = chance(random, 0.1) ? null : randomValue(field.type, random, 2);
  }
  if (chance(random, 0.4)) tree['metadata'] = { labels: { app: random.of(['x', 'y', null]) } };
  if (strategic) sprinkle(tree, random);
  return tree;
}

function sprinkle(value: unknown, random: Choices): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  for (const item of Object.values(value)) sprinkle(item, random);
  if (!Array.isArray(value) && chance(random, 0.08))
    (value as Record<string, unknown>)[random.of(directives)] = random.of(directiveValues);
}

type Maker = (kind: Kind, name: string, random: Choices) => Ask;
const at = (kind: Kind, name: string) => `${kind.path}/${name}`;
const patch =
  (type: string, body: (kind: Kind, random: Choices) => unknown): Maker =>
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
      path: `${kind.path}?fieldValidation=${random.of(['Strict', 'Warn', 'Ignore', ''])}`,
      ...written(kind, name, random),
    }),
  ],
  [
    0.15,
    (kind, name, random) => ({
      method: 'PUT',
      path: at(kind, name),
      ...written(kind, name, random),
    }),
  ],
  [
    0.06,
    (kind, name, random) => ({
      method: 'PUT',
      path: `${at(kind, name)}/${random.of(['status', 'scale', 'finalize', 'approval', 'resize', 'ephemeralcontainers'])}`,
      ...written(kind, name, random),
    }),
  ],
  [0.1, patch('json-patch+json', jsonPatch)],
  [0.12, patch('merge-patch+json', (kind, random) => partial(kind, random, false))],
  [0.12, patch('strategic-merge-patch+json', (kind, random) => partial(kind, random, true))],
  [
    0.12,
    (kind, name, random) => ({
      method: 'PATCH',
      path: `${at(kind, name)}${random.of(['', '', '', '/status', '/scale'])}?fieldManager=${random.of(['a', 'b', 'c'])}&force=${chance(random, 0.5)}`,
      contentType: 'application/apply-patch+yaml',
      body: json(objectOf(kind, name, random)),
    }),
  ],
  [
    0.03,
    (kind, name, random) => ({
      method: 'DELETE',
      path: at(kind, name),
      contentType: 'application/json',
      body: chance(random, 0.5)
        ? ''
        : json({ propagationPolicy: random.of(['Orphan', 'Foreground', 'x']), gracePeriodSeconds: 0 }),
    }),
  ],
];

function askOf(n: number): Ask {
  const random = new Seeded(n);
  const accept = chance(random, 0.25) ? { accept: asGo } : {};
  return { ...askFor(random), ...accept };
}

function askFor(random: Choices): Ask {
  const kind = random.of(kinds);
  // Some kinds bind the name to the rest of the object; those that are cluster-wide and vital keep theirs.
  const name = random.of(names);
  let left = random.next(1000) / 1000;
  for (const [share, maker] of makers) {
    left -= share;
    if (left < 0) return maker(kind, name, random);
  }
  return makers[0]![1](kind, name, random);
}

let server: HttpsApi;
beforeAll(async () => {
  server = await httpsApi();
  const watch = await server.api.watch('apiextensions.k8s.io/v1/customresourcedefinitions', {}, { namespace: '' });
  const made = await server.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  expect(made.code, made.text).toBe(201);
  for (let seen = 1; !isEstablished(watch.events.at(-1)?.object); seen++) await watch.until(seen);
  watch.close();
});

const isEstablished = (object: unknown) =>
  (object as { status?: { conditions?: { type: string; status: string }[] } } | undefined)?.status?.conditions?.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  ) ?? false;
afterAll(() => server[Symbol.asyncDispose]());

interface AnswerBody {
  readonly kind?: string;
  readonly status?: string;
  readonly message?: string;
}

const bodyOf = (answer: HttpAnswer): AnswerBody =>
  answer.headers['content-type'] === protobuf
    ? (readProtobuf(answer.bytes) as AnswerBody)
    : (answer.json as unknown as AnswerBody);

/** Why an answer is not one a server may give; undefined when it is. */
function wrong(answer: HttpAnswer): string | undefined {
  let body: AnswerBody;
  try {
    body = bodyOf(answer);
  } catch (error) {
    return `${answer.headers['content-type']}: ${(error as Error).message}`;
  }
  if (answer.code >= 500) return `${answer.code} ${body.message}`;
  if (answer.code < 300) return body.kind ? undefined : `no kind: ${answer.text.slice(0, 200)}`;
  return body.kind === 'Status' && body.status === 'Failure' && body.message ? undefined : answer.text.slice(0, 500);
}

/** Whatever is stored is the same in JSON and protobuf. */
async function toldAlike({ path, type, apiVersion, kind }: Kind): Promise<void> {
  const told = await server.ask(path);
  expect(told.code, path).toBe(200);
  if (type.wire.length === 0) return;
  const { items } = parseJson(told.bytes).value as { items: object[] };
  const binary = await server.ask(path, { headers: { accept: protobuf } });
  const named = readProtobuf(binary.bytes).items!.map((item) => ({ ...item, apiVersion, kind }));
  // What Go leaves out when it is empty may be there or not.
  const expected = items.map((item) => conform(type, { ...item, apiVersion, kind }).value);
  expect(named, path).toEqual(expected);
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
        headers: { 'content-type': ask.contentType, ...(ask.accept && { accept: ask.accept }) },
        ...(ask.body && { body: ask.body }),
      });
      const what = ask.path.startsWith('/apis/fuzz') ? 'custom' : ask.method;
      const key = `${what} ${Math.floor(answer.code / 100)}xx`;
      codes.set(key, (codes.get(key) ?? 0) + 1);
      const why = wrong(answer);
      if (why && !failures.has(why))
        failures.set(
          why,
          `seed ${n}: ${ask.method} ${ask.path} (${ask.contentType}) ${ask.body.toString().slice(0, 1000)}`,
        );
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  expect(Object.fromEntries(failures)).toEqual({});
  // Random is no excuse for asking nothing that works.
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'custom'])
    expect(codes.get(`${method} 2xx`), method).toBeGreaterThan(runs / 2000);
  for (const kind of kinds) await toldAlike(kind);
  expect((await server.ask('/readyz')).code).toBe(200);
});
