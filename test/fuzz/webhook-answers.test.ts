import { expect, test } from 'vitest';
import { kindFacts } from '../../src/api/facts.ts';
import { StatusError } from '../../src/api/status.ts';
import { admissionServer, type ConfigurationKind, configure, everything, patching } from '../kit/admission-webhooks.ts';
import { apiServer } from '../kit/api-server.ts';
import { define } from '../kit/custom-resources.ts';
import { anyJson, randomObject, Seeded } from '../kit/random-object.ts';

/** Whatever webhooks answer, a write gets an object or a Status that was meant: none is an error nobody thought of. */
const seed = Number(process.env['KRILL_FUZZ_SEED'] ?? 20261129);
const runs = Number(process.env['KRILL_FUZZ_RUNS'] ?? 2_000);

const review = kindFacts('admission.k8s.io', 'v1', 'AdmissionReview')!;

const pointers = [
  '',
  '/spec',
  '/metadata',
  '/metadata/labels',
  '/metadata/labels/a',
  '/metadata/name',
  '/metadata/namespace',
  '/metadata/generateName',
  '/metadata/managedFields',
  '/metadata/managedFields/0/fieldsV1',
  '/metadata/ownerReferences',
  '/metadata/finalizers/-',
  '/kind',
  '/apiVersion',
  '/spec/containers',
  '/spec/containers/0',
  '/spec/containers/-',
  '/spec/containers/0/resources',
  '/spec/volumes/0',
  '/spec/replicas',
  '/spec/template/spec/containers/0/name',
  '/status',
  '/data',
  '/~2',
  '/constructor',
];

const container = { name: 'c', image: 'i' };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } };
const writes: readonly (readonly [resource: string, object: object])[] = [
  ['pods', { spec: { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] } }],
  ['configmaps', { data: { a: 'b' } }],
  ['apps/v1/deployments', { spec: { selector: { matchLabels: { a: 'b' } }, template } }],
  ['services', { spec: { ports: [{ port: 80 }] } }],
  ['stable.example.com/v1/crontabs', { spec: { replicas: 1 } }],
];

test.each<[ConfigurationKind, 'reviews' | 'patches']>([
  ['Validating', 'reviews'],
  ['Mutating', 'reviews'],
  ['Mutating', 'patches'],
])('%s webhooks that answer random %s', async (kind, what) => {
  const choices = new Seeded(seed);
  const operation = () => ({
    op: choices.of(['add', 'remove', 'replace', 'copy', 'move', 'test', 'other']),
    path: choices.of(pointers),
    from: choices.of(pointers),
    value: anyJson(choices),
  });
  const respond = ({ uid }: { readonly uid: string }) => {
    if (what === 'patches') return patching(...Array.from({ length: 1 + choices.next(3) }, operation));
    if (choices.next(8) === 0) return { instead: { code: 200, text: JSON.stringify(anyJson(choices)) } };
    const instead = randomObject(review, choices) as { response?: Record<string, unknown> };
    Object.assign(instead, { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    if (choices.next(4) > 0) Object.assign((instead.response ??= {}), { uid });
    return { instead };
  };
  await using hook = await admissionServer(respond);
  await using api = await apiServer();
  await define(api);
  await configure(api, kind, 'random', hook, { rules: [everything] });
  for (let run = 0; run < runs; run++) {
    const [resource, object] = choices.of(writes);
    const body = { metadata: { name: `n${run}` }, ...structuredClone(object) };
    const error = await api.call('create', resource, { object: body, options: { dryRun: run % 2 === 0 } }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) continue;
    expect(error, `seed ${seed}, run ${run}`).toBeInstanceOf(StatusError);
    expect((error as Error).cause, `seed ${seed}, run ${run}: ${(error as Error).message}`).toBeUndefined();
    expect(() => JSON.stringify((error as StatusError).status)).not.toThrow();
  }
});
