import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExtenderServer, extenderServer } from '../kit/extender-server.ts';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const config = (urlPrefix: string) => `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
- schedulerName: picky
  plugins:
    filter:
      disabled: [{name: TaintToleration}]
  pluginConfig:
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms:
          - matchExpressions: [{key: disk, operator: In, values: [ssd]}]
extenders:
- urlPrefix: ${urlPrefix}
  filterVerb: filter
  nodeCacheCapable: true
  managedResources: [{name: example.com/licence, ignoredByScheduler: true}]
`;

const pod = (name: string, schedulerName: string, resources = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  schedulerName: ${schedulerName}
  containers:
  - name: app
    image: app:1
    ${resources}
`;

let installed: Installation;
let extender: ExtenderServer;
let kubectl: BoundKubectl;
const up = (...more: string[]) => installed.must('up', 'sched', '--runtime', 'simulated', '--nodes', '2', ...more);
const nodeOf = (name: string) => kubectl('get', 'pod', name, '-o', 'jsonpath={.spec.nodeName}');
const ready = (name: string) => kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=30s');

beforeAll(async () => {
  installed = installation();
  extender = await extenderServer({
    filter: ({ NodeNames }) => ({
      NodeNames: NodeNames.filter((name) => name === 'node-2'),
      FailedNodes: { 'node-1': 'no licence' },
    }),
  });
  const file = join(installed.home, 'scheduler.yaml');
  writeFileSync(file, config(extender.urlPrefix));
  await up('--scheduler-config', file);
  kubectl = bind(kubectls()[0]!.path, installed);
});

afterAll(async () => {
  await installed[Symbol.asyncDispose]();
  await extender[Symbol.asyncDispose]();
});

test('pods are placed by the profile they name, and describe says by whom', async () => {
  await kubectl.apply(pod('picked', 'picky'));
  await kubectl('wait', 'pod/picked', '--for=jsonpath={.status.conditions[0].reason}=Unschedulable', '--timeout=30s');
  expect(await kubectl('describe', 'pod', 'picked')).toMatch(
    /FailedScheduling .* picky +0\/2 nodes are available: 2 node\(s\) didn't match scheduler-enforced node affinity\./,
  );
  await kubectl('taint', 'node', 'node-2', 'a=b:NoSchedule');
  await kubectl('label', 'node', 'node-2', 'disk=ssd');
  await ready('picked');
  expect(await nodeOf('picked')).toBe('node-2');
  await kubectl.apply(pod('plain', 'default-scheduler'));
  await ready('plain');
  expect(await nodeOf('plain')).toBe('node-1');
  await kubectl('taint', 'node', 'node-2', 'a-');
  expect(extender.verbs).toEqual([]);
});

test('an extender decides about the pods that ask for what it manages, after a restart too', async () => {
  const licensed = 'resources: {limits: {example.com/licence: "1"}}';
  await kubectl.apply(pod('licensed', 'default-scheduler', licensed));
  await ready('licensed');
  expect(await nodeOf('licensed')).toBe('node-2');
  await installed.must('down', 'sched');
  await up();
  await kubectl.apply(pod('again', 'default-scheduler', licensed));
  await ready('again');
  expect(await nodeOf('again')).toBe('node-2');
  expect(extender.verbs).toEqual(['filter', 'filter']);
});
