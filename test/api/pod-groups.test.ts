import { describe, expect, test } from 'vitest';
import { deployments, podGroups, pods, workloads } from '../../src/api/kinds.gen.ts';
import { servedApis } from '../../src/api/served-apis.ts';
import type { PodGroupSpec, WorkloadSpec } from '../../src/api/types/scheduling-v1alpha2.gen.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { controlPlane } from '../kit/controllers.ts';

/** Workloads and PodGroups of scheduling.k8s.io/v1alpha2, which are served only where they are switched on. */
const on = { apis: servedApis({ runtimeConfig: { 'scheduling.k8s.io/v1alpha2': true } }) };
const plane = () => controlPlane({ clock: new ManualClock(), server: on, pods: false });

const causesOf = (call: Promise<unknown>): Promise<string[]> =>
  call.then(
    () => [],
    (error: { status: { details?: { causes?: { field: string; message: string }[] } } }) =>
      (error.status.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`),
  );

const basic = { schedulingPolicy: { basic: {} } };
const meta = (name: string) => ({ name, namespace: 'default' });
const inGroup = {
  containers: [{ name: 'c', image: 'i' }],
  schedulingGroup: { podGroupName: 'g' },
};

test('Workloads have up to eight templates with one policy each, which stay', async () => {
  await using cluster = await plane();
  const resource = cluster.client.resource(workloads);
  const create = (spec: object, name = 'w') => resource.create({ metadata: meta(name), spec: spec as WorkloadSpec });
  expect(await causesOf(create({ podGroupTemplates: [] }))).toEqual(['spec.podGroupTemplates: Required value']);
  const bad = {
    controllerRef: { apiGroup: 'a_b', kind: 'x/y' },
    podGroupTemplates: [
      { name: 'A', schedulingPolicy: {} },
      { name: 'b', schedulingPolicy: { basic: {}, gang: { minCount: -1 } } },
      { name: 'b', schedulingPolicy: { gang: {} } },
    ],
  };
  expect(await causesOf(create(bad))).toEqual([
    expect.stringContaining('spec.controllerRef.apiGroup: Invalid value: "a_b"'),
    'spec.controllerRef.kind: Invalid value: "x/y": may not contain \'/\'',
    'spec.controllerRef.name: Required value',
    expect.stringContaining('spec.podGroupTemplates[0].name: Invalid value: "A"'),
    'spec.podGroupTemplates[0].schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
    'spec.podGroupTemplates[1].schedulingPolicy: Invalid value: "{`basic`, `gang`}": must specify exactly one of: `basic`, `gang`',
    'spec.podGroupTemplates[1].schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1',
    'spec.podGroupTemplates[2].schedulingPolicy.gang.minCount: Required value',
    'spec.podGroupTemplates[2]: Duplicate value: {"name":"b","schedulingPolicy":{"gang":{"minCount":0}}}',
  ]);
  const many = Array.from({ length: 9 }, (_, i) => ({ name: `t${i}`, ...basic }));
  expect(await causesOf(create({ podGroupTemplates: many }))).toEqual([
    'spec.podGroupTemplates: Too many: 9: must have at most 8 items',
  ]);
  const made = await create({ podGroupTemplates: [{ name: 'a', ...basic, priority: 7, disruptionMode: 'Pod' }] });
  expect(made.spec).toEqual({ podGroupTemplates: [{ name: 'a', ...basic }] });
  const changed = { ...made, spec: { podGroupTemplates: [{ name: 'z', ...basic }] } };
  expect(await causesOf(resource.update(changed))).toEqual([
    expect.stringMatching(/^spec.podGroupTemplates: Invalid value: .*: field is immutable$/s),
  ]);
});

describe('PodGroups', () => {
  test('have one policy, which stays, and a status of their own', async () => {
    await using cluster = await plane();
    const resource = cluster.client.resource(podGroups);
    const create = (spec: object, name = 'g') => resource.create({ metadata: meta(name), spec: spec as PodGroupSpec });
    expect(await causesOf(create({ podGroupTemplateRef: {}, schedulingPolicy: {} }))).toEqual([
      'spec.podGroupTemplateRef: Invalid value: "": must specify one of: `workload`',
      'spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
    ]);
    const ref = { workload: { workloadName: 'w', podGroupTemplateName: '' } };
    expect(await causesOf(create({ podGroupTemplateRef: ref, ...basic }))).toEqual([
      'spec.podGroupTemplateRef.workload.podGroupTemplateName: Required value',
    ]);
    const made = await create({ schedulingPolicy: { gang: { minCount: 2 } } });
    expect(made.spec).toEqual({ schedulingPolicy: { gang: { minCount: 2 } } });
    expect(await causesOf(resource.update({ ...made, spec: basic }))).toEqual([
      expect.stringMatching(/^spec.schedulingPolicy: Invalid value: .*: field is immutable$/s),
    ]);
    const condition = { type: 'PodGroupScheduled', status: 'True', reason: 'S', message: '' };
    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const { metadata: _, ...rest } = made;
    const status = { conditions: [{ ...condition, lastTransitionTime }] };
    const told = await resource.updateStatus({ ...rest, metadata: meta('g'), spec: basic, status } as never);
    expect(told).toMatchObject({ spec: made.spec, status });
  });

  test('are made by a template that is there', async () => {
    await using cluster = await plane();
    const create = (podGroupTemplateName: string) => {
      const podGroupTemplateRef = { workload: { workloadName: 'w', podGroupTemplateName } };
      return cluster.client
        .resource(podGroups)
        .create({ metadata: meta('g'), spec: { podGroupTemplateRef, ...basic } });
    };
    const rejected = (why: string) => ({
      code: 403,
      message: `podgroups.scheduling.k8s.io "g" is forbidden: PodGroup rejected: ${why}`,
    });
    await expect(create('a')).rejects.toMatchObject(rejected('Workload "w" not found'));
    const spec = { podGroupTemplates: [{ name: 'a', ...basic }] };
    await cluster.client.resource(workloads).create({ metadata: meta('w'), spec });
    await expect(create('b')).rejects.toMatchObject(rejected('PodGroupTemplate "b" not found in Workload "w"'));
    expect((await create('a')).metadata.name).toBe('g');
  });

  test('are kept until their pods have ended', async () => {
    await using cluster = await plane();
    const groups = cluster.client.resource(podGroups);
    await groups.create({ metadata: meta('g'), spec: basic });
    const kept = await cluster.until(podGroups, 'default/g', (group) => !!group?.metadata.finalizers);
    expect(kept!.metadata.finalizers).toEqual(['scheduling.k8s.io/podgroup-protection']);
    const pod = await cluster.client.resource(pods).create({ metadata: meta('p'), spec: inGroup });
    expect(pod.spec!.schedulingGroup).toEqual({ podGroupName: 'g' });
    await cluster.until(pods, 'default/p', (one) => one !== undefined);
    await groups.delete(meta('g'));
    await cluster.until(podGroups, 'default/g', (group) => !!group?.metadata.deletionTimestamp);
    expect((await groups.get(meta('g'))).metadata.finalizers).toHaveLength(1);
    await cluster.client.resource(pods).updateStatus({ ...pod, status: { phase: 'Succeeded' } });
    await cluster.until(podGroups, 'default/g', (group) => group === undefined);
  });

  test('are nothing to pods and templates where they are not served, and checked where they are', async () => {
    const template = { metadata: { labels: { app: 'a' } }, spec: inGroup };
    const deployment = { metadata: meta('d'), spec: { selector: { matchLabels: { app: 'a' } }, template } };
    const of = async (cluster: Awaited<ReturnType<typeof plane>>) => [
      (await cluster.client.resource(pods).create({ metadata: meta('p'), spec: inGroup })).spec!.schedulingGroup,
      (await cluster.client.resource(deployments).create(deployment)).spec!.template.spec!.schedulingGroup,
    ];
    await using off = await controlPlane({ clock: new ManualClock(), pods: false });
    expect(await of(off)).toEqual([undefined, undefined]);
    await using cluster = await plane();
    expect(await of(cluster)).toEqual([inGroup.schedulingGroup, inGroup.schedulingGroup]);
    const bad = (schedulingGroup: object) =>
      causesOf(cluster.client.resource(pods).create({ metadata: meta('q'), spec: { ...inGroup, schedulingGroup } }));
    expect(await bad({})).toEqual(['spec.schedulingGroup: Invalid value: "": must specify one of: `podGroupName`']);
    expect(await bad({ podGroupName: 'A' })).toEqual([
      expect.stringContaining('spec.schedulingGroup.podGroupName: Invalid value: "A"'),
    ]);
  });
});
