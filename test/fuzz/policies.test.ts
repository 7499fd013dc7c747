import { expect, test } from 'vitest';
import { kindFacts } from '../../src/api/facts.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { StatusError } from '../../src/api/status.ts';
import { apply, mutatingPolicy, patch, rule, validatingPolicy } from '../kit/admission-policies.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';
import { define, openSchema } from '../kit/custom-resources.ts';
import { anyJson, randomObject, Seeded } from '../kit/random-object.ts';

/** Whatever policies make of a write, it gets an object or a Status that was meant: none is an error nobody thought of. */
const seed = Number(process.env['KRILL_FUZZ_SEED'] ?? 20261129);
const runs = Number(process.env['KRILL_FUZZ_RUNS'] ?? 2_000);

const container = { name: 'c', image: 'i' };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } };
const writes: readonly (readonly [resource: string, kind: readonly [string, string, string], object: object])[] = [
  ['pods', ['', 'v1', 'Pod'], { spec: { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] } }],
  ['configmaps', ['', 'v1', 'ConfigMap'], { data: { a: 'b' } }],
  ['apps/v1/deployments', ['apps', 'v1', 'Deployment'], { spec: { selector: { matchLabels: { a: 'b' } }, template } }],
  ['services', ['', 'v1', 'Service'], { spec: { ports: [{ port: 80 }] } }],
];
const pointers = [
  ...['', '/kind', '/apiVersion', '/metadata', '/metadata/name', '/metadata/labels', '/metadata/labels/a'],
  ...[
    '/metadata/managedFields',
    '/metadata/finalizers/-',
    '/spec',
    '/spec/containers',
    '/spec/containers/0',
    '/spec/x',
  ],
  ...['/spec/template/spec/containers/-', '/spec/replicas', '/spec/ports/0/port', '/data', '/data/a', '/constructor/x'],
];

const params = 'stable.example.com/v1/crontabs';
const paramKind = { apiVersion: 'stable.example.com/v1', kind: 'CronTab' };
const paramRef = { paramRef: { name: 'what', parameterNotFoundAction: 'Deny' } };
const rules = ['v1/pods', 'v1/configmaps', 'v1/services', 'apps/v1/deployments'].map((path) =>
  rule(path, 'CREATE', 'UPDATE'),
);

/** Says what the policy is to do next; without the param, the policy refuses. */
async function say(api: TestApi, content: object): Promise<void> {
  const object = { ...paramKind, metadata: { name: 'what' }, ...content };
  await api.call('delete', params, { name: 'what' }).catch(expectMeant);
  await api.call('create', params, { object }).catch(expectMeant);
}

/** Creates an object and changes it. */
async function attempt(api: TestApi, resource: string, object: object): Promise<void> {
  try {
    const made = await api.call<KubeObject>('create', resource, {
      object: { metadata: { generateName: 'it-' }, ...object },
    });
    await api.call('patch', resource, {
      name: made.metadata.name!,
      patch: { type: 'merge', body: { metadata: { labels: { z: 'y' } } } },
    });
  } catch (error) {
    expectMeant(error);
  }
}

/** A fault of the server has a cause. */
function expectMeant(error: unknown): void {
  expect(error).toBeInstanceOf(StatusError);
  expect((error as Error).cause, (error as Error).message).toBeUndefined();
  expect(() => JSON.stringify((error as StatusError).status)).not.toThrow();
}

test.each(['configurations', 'patches', 'validations'] as const)('policies that make random %s', async (what) => {
  const choices = new Seeded(seed);
  await using api = await apiServer();
  await define(api, { schema: openSchema });
  const bound = { rules, paramKind };
  if (what === 'configurations') {
    const fields = ['metadata', 'spec', 'data', 'status'].map((field) => `?${field}: params.?config[?'${field}']`);
    await mutatingPolicy(api, 'm', { ...bound, mutations: [apply(`Object{${fields.join()}}`)] }, paramRef);
  } else if (what === 'patches') {
    const one = 'JSONPatch{?op: p.?op, ?path: p.?path, ?from: p.?from, ?value: p.?value}';
    await mutatingPolicy(
      api,
      'm',
      { ...bound, reinvocationPolicy: 'IfNeeded', mutations: [patch(`params.patch.map(p, ${one})`)] },
      paramRef,
    );
  } else {
    const validations = [
      {
        expression: 'object.spec == params.config && has(object.metadata.labels.a)',
        messageExpression: 'string(params.config)',
      },
      { expression: 'params.config.all(k, k in object)' },
      { expression: "variables.v.size() > 1 && variables.v.exists(x, x.startsWith('a'))" },
    ];
    const variables = [{ name: 'v', expression: 'params.config.map(k, string(params.config[k]))' }];
    await validatingPolicy(api, 'v', { ...bound, variables, validations }, paramRef);
  }
  for (let run = 0; run < runs; run++) {
    const [resource, [group, version, kind], object] = choices.of(writes);
    const operation = () => ({
      op: choices.of(['add', 'remove', 'replace', 'copy', 'move', 'test', 'other']),
      path: choices.of(pointers),
      ...(choices.next(2) && { from: choices.of(pointers) }),
      ...(choices.next(4) && { value: anyJson(choices) }),
    });
    const config = choices.next(4) ? randomObject(kindFacts(group, version, kind)!, choices) : anyJson(choices);
    await say(api, { config, patch: Array.from({ length: 1 + choices.next(3) }, operation) });
    await attempt(api, resource, structuredClone(object));
  }
});
