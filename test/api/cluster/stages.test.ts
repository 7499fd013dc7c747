import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { events, jobs, nodes, pods } from '../../../src/api/kinds.gen.ts';
import type { Job } from '../../../src/api/types/batch-v1.gen.ts';
import type { Node, Pod } from '../../../src/api/types/core-v1.gen.ts';
import { type StageObject, stages } from '../../../src/kubelet/stages/stage-object.ts';
import { cluster, type TestCluster } from '../../kit/cluster.ts';
import { seen } from '../../kit/seen.ts';
import { chaosStages, podStages } from '../../kit/stages.ts';

const namespace = 'default';
const accepted = (stage: StageObject) => stage.status?.conditions?.some(({ type }) => type === 'Accepted') ?? false;
const isReady = ({ status }: Pod | Node) =>
  (status?.conditions as { type: string; status: string }[] | undefined)?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  ) ?? false;
const container = (pod: Pod) => pod.status?.containerStatuses?.[0];

async function apply(c: TestCluster, documents: string): Promise<void> {
  for (const document of parseAllDocuments(documents)) {
    const { metadata } = await c.client.resource(stages).create(document.toJS());
    await seen(c.client, stages, { name: metadata.name! }, accepted);
  }
}

const run = (c: TestCluster, name: string, metadata: object = {}, spec: object = {}) =>
  c.client.resource(pods).create({
    metadata: { name, namespace, ...metadata },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  } as Pod);

const change = (c: TestCluster, name: string, metadata: object) =>
  c.client.resource(pods).mergePatch({ namespace, name }, { metadata });

function gone(c: TestCluster, uid: string | undefined): Promise<void> {
  const stop = new AbortController();
  return new Promise((resolve, reject) => {
    const handler = {
      events: (batch: readonly { type: string; object: Pod }[]) => {
        if (!batch.some(({ type, object }) => type === 'DELETED' && object.metadata.uid === uid)) return;
        stop.abort();
        resolve();
      },
      end: reject,
    };
    c.client
      .resource(pods)
      .watch({ namespace }, handler as never, stop.signal)
      .catch(reject);
  });
}

test('pods go through the stages that select them, from their binding to their deletion', async () => {
  await using c = await cluster();
  await apply(c, podStages);
  const { metadata } = await run(c, 'web');
  const pod = await seen(c.client, pods, { namespace, name: 'web' }, isReady);
  expect(pod.status).toMatchObject({ phase: 'Running', podIP: '10.128.0.2', hostIP: '10.128.0.1' });
  // As the stage wrote it: the usual course would name an id.
  expect(container(pod)?.containerID).toBeUndefined();
  await seen(c.client, events, { namespace }, (event) => event.reason === 'Staged' && event.message === 'web runs');
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
  await c.client.resource(jobs).create({ metadata: { name: 'work', namespace }, spec: { template } } as Job);
  await seen(c.client, jobs, { namespace, name: 'work' }, (job) => job.status?.succeeded === 1);
  const end = gone(c, metadata.uid);
  await c.client.resource(pods).delete({ namespace, name: 'web' });
  await end;
  expect(c.problems).toEqual([]);
});

test('a stage takes a pod from its usual course, and what no stage selects keeps to it', async () => {
  await using c = await cluster();
  await apply(c, chaosStages);
  const { metadata } = await run(c, 'a');
  await run(c, 'b');
  await seen(c.client, pods, { namespace, name: 'a' }, isReady);
  await change(c, 'a', { labels: { fails: 'true' }, annotations: { 'fails/delay': '1ms', 'fails/why': 'Asked' } });
  const failed = await seen(c.client, pods, { namespace, name: 'a' }, (pod) => pod.status?.phase === 'Failed');
  expect(container(failed)?.state?.terminated).toMatchObject({ exitCode: 7, reason: 'Asked' });
  expect(isReady(await seen(c.client, pods, { namespace, name: 'b' }, isReady))).toBe(true);
  // No stage deletes it: the usual course does.
  const end = gone(c, metadata.uid);
  await c.client.resource(pods).delete({ namespace, name: 'a' });
  await end;
});

test('a node has a stage for as long as one selects it', async () => {
  await using c = await cluster();
  await apply(c, chaosStages);
  const label = (value: string | null) =>
    c.client.resource(nodes).mergePatch({ name: 'node-1' }, { metadata: { labels: { fails: value } } });
  await label('true');
  const failed = await seen(c.client, nodes, { name: 'node-1' }, (node) => !isReady(node));
  const condition = failed.status?.conditions?.find(({ type }) => type === 'Ready');
  expect(condition).toMatchObject({ reason: 'Chaos', message: 'node-1 fails' });
  await label(null);
  await seen(c.client, nodes, { name: 'node-1' }, isReady);
});

test('what is staged stays so over a restart, with its address', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-stages-'));
  try {
    let before: Pod;
    {
      await using c = await cluster({ store: 'file', dataDir });
      await apply(c, podStages);
      await run(c, 'web');
      before = await seen(c.client, pods, { namespace, name: 'web' }, isReady);
    }
    await using c = await cluster({ store: 'file', dataDir });
    await run(c, 'other');
    const other = await seen(c.client, pods, { namespace, name: 'other' }, isReady);
    expect(other.status?.podIP).not.toBe(before.status?.podIP);
    expect(await c.client.resource(pods).get({ namespace, name: 'web' })).toEqual(before);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a stage that krill does not understand says so, and does nothing', async () => {
  await using c = await cluster();
  await apply(c, podStages.replace('{{ $now := Now }}', '{{ $now := Later }}'));
  const stage = await c.client.resource(stages).get({ name: 'pod-runs' });
  const message = 'spec.next.template: line 1: function "Later" not defined';
  expect(stage.status?.conditions).toMatchObject([
    { type: 'Accepted', status: 'False', reason: 'NotSupported', message },
  ]);
  await seen(c.client, events, { namespace }, (event) => event.reason === 'NotSupported' && event.message === message);
  await run(c, 'web');
  const pod = await seen(c.client, pods, { namespace, name: 'web' }, isReady);
  expect(container(pod)?.containerID).toMatch(/^simulated:/);
});

test('a stage that fails tells it on the object', async () => {
  await using c = await cluster();
  await apply(c, podStages.replace('phase: Running', 'phase: {{ index .none 0 }}'));
  await run(c, 'web');
  const event = await seen(c.client, events, { namespace }, ({ reason }) => reason === 'StageFailed');
  expect(event).toMatchObject({
    involvedObject: { kind: 'Pod', name: 'web' },
    message: 'stage pod-runs: index: index of untyped nil',
  });
});

test('stages can be applied as soon as a cluster of simulated nodes is up, even one without any', async () => {
  await using c = await cluster({ nodes: 0 });
  expect((await c.client.resource(stages).list()).items).toEqual([]);
});

test('the status of a pod that is marked as custom is its user’s alone', async () => {
  await using c = await cluster();
  await apply(c, podStages);
  const { metadata } = await run(c, 'mine', { annotations: { 'kwok.x-k8s.io/status': 'custom' } });
  await run(c, 'other');
  await seen(c.client, pods, { namespace, name: 'other' }, isReady);
  const body = { status: { phase: 'Running', message: 'mine' } };
  await c.client.resource(pods).mergePatch({ namespace, name: 'mine' }, body, { subresource: 'status' });
  const pod = await c.client.resource(pods).get({ namespace, name: 'mine' });
  expect(pod.status).toMatchObject(body.status);
  expect(pod.status?.podIP).toBeUndefined();
  const end = gone(c, metadata.uid);
  await c.client.resource(pods).delete({ namespace, name: 'mine' });
  await end;
});
