import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

/** Workloads as their tutorials go through them, on simulated nodes with the newest kubectl of this machine. */

let installed: Installation;
let kubectl: BoundKubectl;

beforeAll(async () => {
  installed = installation();
  await installed.must('up', 'workloads', '--runtime', 'simulated', '--nodes', '3');
  kubectl = bind(kubectls().at(-1)!.path, installed);
});
afterAll(() => installed[Symbol.asyncDispose]());

interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name: string;
  /** More of the spec, as YAML in flow style. */
  readonly spec?: string;
  readonly annotations?: string;
}

const manifest = ({ kind, name, spec = '', annotations = '' }: Workload) => `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec:
  ${spec}
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
      annotations: {${annotations}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: c, image: "web:1"}
`;

const field = (what: string, path: string) => kubectl('get', what, '-o', `jsonpath={${path}}`);
const rolledOut = (what: string) => kubectl('rollout', 'status', what, '--timeout=60s');
const setImage = (what: string, image: string) => kubectl('set', 'image', what, `c=${image}`);
const images = async (app: string) =>
  (await kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[*].spec.containers[0].image}'))
    .split(' ')
    .sort();
/** The revisions that `rollout history` lists, each with its cause. */
const history = async (what: string) =>
  (await kubectl('rollout', 'history', what))
    .split('\n')
    .flatMap((line) => /^\d+\s.*\S/.exec(line)?.[0].replace(/\s+/, ' ') ?? []);

test('a Deployment rolls out, remembers why, and goes back', async () => {
  await kubectl.apply(manifest({ kind: 'Deployment', name: 'web', spec: 'replicas: 3' }));
  await rolledOut('deployment/web');
  await kubectl('annotate', 'deployment/web', 'kubernetes.io/change-cause=first');
  await setImage('deployment/web', 'web:2');
  await kubectl('annotate', 'deployment/web', 'kubernetes.io/change-cause=second', '--overwrite');
  expect(await rolledOut('deployment/web')).toContain('successfully rolled out');
  expect(await images('web')).toEqual(['web:2', 'web:2', 'web:2']);
  expect(await history('deployment/web')).toEqual(['1 first', '2 second']);
  expect(await kubectl('rollout', 'history', 'deployment/web', '--revision=1')).toMatch(/Image:\s+web:1/);
  expect(await kubectl('rollout', 'undo', 'deployment/web')).toContain('rolled back');
  await rolledOut('deployment/web');
  expect(await images('web')).toEqual(['web:1', 'web:1', 'web:1']);
  expect(await history('deployment/web')).toEqual(['2 second', '3 first']);
  expect(await kubectl('describe', 'deployment', 'web')).toMatch(/Scaled up replica set web-\S+ from 0 to 1/);
});

test('changes of a paused Deployment make one revision when it is resumed', async () => {
  await kubectl.apply(manifest({ kind: 'Deployment', name: 'paused', spec: 'replicas: 2' }));
  await rolledOut('deployment/paused');
  await kubectl('rollout', 'pause', 'deployment/paused');
  await setImage('deployment/paused', 'web:2');
  await kubectl('set', 'env', 'deployment/paused', 'MODE=new');
  await kubectl('wait', 'deployment/paused', '--for=condition=Progressing=Unknown', '--timeout=30s');
  await kubectl('scale', 'deployment/paused', '--replicas=4');
  await kubectl('wait', 'deployment/paused', '--for=jsonpath={.status.readyReplicas}=4', '--timeout=30s');
  expect(await images('paused')).toEqual(['web:1', 'web:1', 'web:1', 'web:1']);
  await kubectl('rollout', 'resume', 'deployment/paused');
  await rolledOut('deployment/paused');
  expect(await images('paused')).toEqual(['web:2', 'web:2', 'web:2', 'web:2']);
  expect(await history('deployment/paused')).toHaveLength(2);
});

test('Recreate: all old pods go before the first new one comes', async () => {
  await kubectl.apply(
    manifest({ kind: 'Deployment', name: 'anew', spec: 'replicas: 3\n  strategy: {type: Recreate}' }),
  );
  await rolledOut('deployment/anew');
  const watch = kubectl.follow(
    'get',
    'pods',
    '-l',
    'app=anew',
    '-w',
    '--output-watch-events',
    '-o',
    'jsonpath={.type} {.object.spec.containers[0].image}{"\\n"}',
  );
  await setImage('deployment/anew', 'web:2');
  let old = 0;
  let most = 0;
  const seen: string[] = [];
  for await (const line of watch.lines) {
    seen.push(line);
    if (line === 'ADDED web:1') old++;
    if (line === 'DELETED web:1') old--;
    if (line === 'ADDED web:2') most = Math.max(most, old);
    if (seen.filter((text) => text === 'ADDED web:2').length === 3) break;
  }
  watch.stop();
  expect(most).toBe(0);
  await rolledOut('deployment/anew');
});

test('a rollout that hangs is said to hang, keeps most old pods, and can be undone', async () => {
  await kubectl.apply(
    manifest({ kind: 'Deployment', name: 'stuck', spec: 'replicas: 4\n  progressDeadlineSeconds: 1' }),
  );
  await rolledOut('deployment/stuck');
  const broken = { spec: { template: { metadata: { annotations: { 'krill.dev/ready': 'false' } } } } };
  await kubectl('patch', 'deployment', 'stuck', '-p', JSON.stringify(broken));
  const status = await kubectl.run(['rollout', 'status', 'deployment/stuck', '--timeout=60s']);
  expect(status.code).not.toBe(0);
  expect(status.stderr).toContain('exceeded its progress deadline');
  expect(await field('deployment/stuck', '.status.availableReplicas')).toBe('3');
  await kubectl('rollout', 'undo', 'deployment/stuck');
  await rolledOut('deployment/stuck');
  expect(await field('deployment/stuck', '.status.availableReplicas')).toBe('4');
});

test('a canary takes its share of a Service by labels alone', async () => {
  const shop = (track: string, replicas: number, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-${track}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: shop, track: ${track}}}
  template:
    metadata: {labels: {app: shop, track: ${track}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: c, image: "${image}"}]
`;
  await kubectl.apply(`${shop('stable', 3, 'web:1')}---\n${shop('canary', 1, 'web:2')}`);
  await kubectl.apply(
    'apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n',
  );
  await rolledOut('deployment/shop-stable');
  await rolledOut('deployment/shop-canary');
  const serves = (last: number) =>
    kubectl(
      'wait',
      'endpoints/shop',
      `--for=jsonpath={.subsets[0].addresses[${last}].targetRef.kind}=Pod`,
      '--timeout=30s',
    );
  await serves(3);
  expect(await images('shop')).toEqual(['web:1', 'web:1', 'web:1', 'web:2']);
  await kubectl('scale', 'deployment/shop-canary', '--replicas=3');
  await kubectl('scale', 'deployment/shop-stable', '--replicas=0');
  await rolledOut('deployment/shop-canary');
  await kubectl('wait', 'pods', '-l', 'track=stable', '--for=delete', '--timeout=30s');
  expect(await images('shop')).toEqual(['web:2', 'web:2', 'web:2']);
});

/** Deletes a pod and waits until another of its name is ready. */
async function reborn(pod: string): Promise<void> {
  const uid = await field(`pod/${pod}`, '.metadata.uid');
  const shown = 'jsonpath={.metadata.uid} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}';
  // By list: of a single object kubectl shows what it got, and not what its watch then begins with.
  const watch = kubectl.follow('get', 'pods', `--field-selector=metadata.name=${pod}`, '-w', '-o', shown);
  await kubectl('delete', 'pod', pod);
  for await (const line of watch.lines) if (!line.startsWith(uid) && line.endsWith(' True')) break;
  watch.stop();
}

test('a StatefulSet is upgraded behind a partition, then whole, and rolled back', async () => {
  await kubectl.apply(manifest({ kind: 'StatefulSet', name: 'db', spec: 'replicas: 3\n  serviceName: db' }));
  await rolledOut('statefulset/db');
  const partition = (n: number) =>
    kubectl('patch', 'statefulset', 'db', '-p', `{"spec":{"updateStrategy":{"rollingUpdate":{"partition":${n}}}}}`);
  await partition(2);
  await setImage('statefulset/db', 'web:2');
  expect(await rolledOut('statefulset/db')).toContain('partitioned roll out complete: 1 new pods have been updated');
  const image = (n: number) => field(`pod/db-${n}`, '.spec.containers[0].image');
  expect([await image(0), await image(1), await image(2)]).toEqual(['web:1', 'web:1', 'web:2']);
  // A pod below the partition comes back as it was.
  await reborn('db-0');
  expect(await image(0)).toBe('web:1');
  await partition(0);
  expect(await rolledOut('statefulset/db')).toContain('roll out complete: 3 new pods have been updated');
  expect(await images('db')).toEqual(['web:2', 'web:2', 'web:2']);
  expect(await history('statefulset/db')).toEqual(['1 <none>', '2 <none>']);
  await kubectl('rollout', 'undo', 'statefulset/db', '--to-revision=1');
  await rolledOut('statefulset/db');
  expect(await images('db')).toEqual(['web:1', 'web:1', 'web:1']);
  expect(await history('statefulset/db')).toEqual(['2 <none>', '3 <none>']);
  await kubectl('rollout', 'restart', 'statefulset/db');
  await rolledOut('statefulset/db');
  await kubectl('scale', 'statefulset/db', '--replicas=1');
  await kubectl('wait', 'pod/db-1', '--for=delete', '--timeout=30s');
  expect(await images('db')).toEqual(['web:1']);
});

test('the claims of a StatefulSet outlive its pods, or go with them where it says so', async () => {
  const claims =
    'volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}]';
  const policy = 'persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}';
  const names = async () => (await kubectl('get', 'pvc', '-o', 'name')).trim().split('\n').sort().join(' ');
  const pvc = 'persistentvolumeclaim';
  await kubectl.apply(manifest({ kind: 'StatefulSet', name: 'keep', spec: `replicas: 2\n  ${claims}` }));
  await rolledOut('statefulset/keep');
  await kubectl('scale', 'statefulset/keep', '--replicas=1');
  await kubectl('wait', 'pod/keep-1', '--for=delete', '--timeout=30s');
  expect(await names()).toBe(`${pvc}/data-keep-0 ${pvc}/data-keep-1`);
  await kubectl('delete', 'statefulset', 'keep');
  await kubectl('wait', 'pod/keep-0', '--for=delete', '--timeout=30s');
  expect(await names()).toBe(`${pvc}/data-keep-0 ${pvc}/data-keep-1`);
  await kubectl('delete', 'pvc', '--all');
  await kubectl.apply(manifest({ kind: 'StatefulSet', name: 'drop', spec: `replicas: 2\n  ${claims}\n  ${policy}` }));
  await rolledOut('statefulset/drop');
  await kubectl('scale', 'statefulset/drop', '--replicas=1');
  await kubectl('wait', 'pvc/data-drop-1', '--for=delete', '--timeout=30s');
  expect(await names()).toBe(`${pvc}/data-drop-0`);
  await kubectl('scale', 'statefulset/drop', '--replicas=2');
  await rolledOut('statefulset/drop');
  await kubectl('delete', 'statefulset', 'drop');
  await kubectl('wait', 'pvc', '--all', '--for=delete', '--timeout=30s');
});

test('OnDelete: a StatefulSet and a DaemonSet leave it to the user which pod is next', async () => {
  const spec = 'updateStrategy: {type: OnDelete}';
  await kubectl.apply(manifest({ kind: 'DaemonSet', name: 'hand', spec }));
  await kubectl('wait', 'daemonset/hand', '--for=jsonpath={.status.numberReady}=3', '--timeout=60s');
  await setImage('daemonset/hand', 'web:2');
  await kubectl('wait', 'daemonset/hand', '--for=jsonpath={.status.observedGeneration}=2', '--timeout=30s');
  expect(await images('hand')).toEqual(['web:1', 'web:1', 'web:1']);
  const [first] = (await kubectl('get', 'pods', '-l', 'app=hand', '-o', 'name')).split('\n');
  await kubectl('delete', first!);
  await kubectl('wait', 'daemonset/hand', '--for=jsonpath={.status.updatedNumberScheduled}=1', '--timeout=30s');
  expect(await images('hand')).toEqual(['web:1', 'web:1', 'web:2']);
  await kubectl.apply(manifest({ kind: 'StatefulSet', name: 'wait', spec: `replicas: 2\n  ${spec}` }));
  await kubectl('wait', 'statefulset/wait', '--for=jsonpath={.status.readyReplicas}=2', '--timeout=60s');
  await setImage('statefulset/wait', 'web:2');
  await kubectl('wait', 'statefulset/wait', '--for=jsonpath={.status.observedGeneration}=2', '--timeout=30s');
  expect(await images('wait')).toEqual(['web:1', 'web:1']);
  await reborn('wait-0');
  expect(await field('pod/wait-0', '.spec.containers[0].image')).toBe('web:2');
  expect(await field('pod/wait-1', '.spec.containers[0].image')).toBe('web:1');
});

test('a DaemonSet rolls out node by node, or with surge, and goes back', async () => {
  await kubectl.apply(manifest({ kind: 'DaemonSet', name: 'agent' }));
  expect(await rolledOut('daemonset/agent')).toContain('successfully rolled out');
  await setImage('daemonset/agent', 'web:2');
  await rolledOut('daemonset/agent');
  expect(await images('agent')).toEqual(['web:2', 'web:2', 'web:2']);
  const surge = { spec: { updateStrategy: { rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } } } };
  await kubectl('patch', 'daemonset', 'agent', '-p', JSON.stringify(surge));
  await setImage('daemonset/agent', 'web:3');
  await rolledOut('daemonset/agent');
  expect(await images('agent')).toEqual(['web:3', 'web:3', 'web:3']);
  expect(await history('daemonset/agent')).toHaveLength(3);
  await kubectl('rollout', 'undo', 'daemonset/agent', '--to-revision=1');
  await rolledOut('daemonset/agent');
  expect(await images('agent')).toEqual(['web:1', 'web:1', 'web:1']);
  await kubectl('rollout', 'restart', 'daemonset/agent');
  await rolledOut('daemonset/agent');
});

test('a node that comes gets its daemon, one that is taken out of the selection loses it', async () => {
  await kubectl.apply(
    manifest({ kind: 'DaemonSet', name: 'ssd' }).replace(
      'terminationGrace',
      'nodeSelector: {disk: ssd}\n      terminationGrace',
    ),
  );
  await kubectl('wait', 'daemonset/ssd', '--for=jsonpath={.status.observedGeneration}=1', '--timeout=30s');
  expect(await field('daemonset/ssd', '.status.desiredNumberScheduled')).toBe('0');
  const [node] = (await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
  await kubectl('label', 'node', node!, 'disk=ssd');
  await kubectl('wait', 'daemonset/ssd', '--for=jsonpath={.status.numberReady}=1', '--timeout=30s');
  await kubectl('label', 'node', node!, 'disk-');
  await kubectl('wait', 'pods', '-l', 'app=ssd', '--for=delete', '--timeout=30s');
});

const job = (name: string, spec: string, annotations = '') => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec:
  ${spec}
  template:
    metadata: {annotations: {${annotations}}}
    spec:
      restartPolicy: Never
      containers: [{name: c, image: "work:1"}]
`;

test('a scale-down takes the pod that costs least', async () => {
  await kubectl.apply(manifest({ kind: 'Deployment', name: 'dear', spec: 'replicas: 3' }));
  await rolledOut('deployment/dear');
  const names = async () => (await kubectl('get', 'pods', '-l', 'app=dear', '-o', 'name')).trim().split('\n').sort();
  const [cheap, ...others] = await names();
  await kubectl('annotate', cheap!, 'controller.kubernetes.io/pod-deletion-cost=-10');
  await kubectl('scale', 'deployment/dear', '--replicas=2');
  await kubectl('wait', cheap!, '--for=delete', '--timeout=30s');
  expect(await names()).toEqual(others);
});

test('an Indexed Job completes each index', async () => {
  await kubectl.apply(job('shards', 'completionMode: Indexed\n  completions: 5\n  parallelism: 2'));
  await kubectl('wait', 'job/shards', '--for=condition=complete', '--timeout=60s');
  expect(await field('job/shards', '.status.completedIndexes')).toBe('0-4');
  expect(await kubectl('get', 'job', 'shards')).toMatch(/shards\s+Complete\s+5\/5/);
  const names = await kubectl('get', 'pods', '-l', 'job-name=shards', '-o', 'jsonpath={.items[*].spec.hostname}');
  expect(names.split(' ').sort()).toEqual(['shards-0', 'shards-1', 'shards-2', 'shards-3', 'shards-4']);
});

test('a failure policy ends an Indexed Job at once, by index or whole', async () => {
  const indexed = 'completionMode: Indexed\n  completions: 2\n  parallelism: 2\n  ';
  const rule = (action: string) =>
    `podFailurePolicy: {rules: [{action: ${action}, onExitCodes: {operator: In, values: [42]}}]}`;
  await kubectl.apply(job('strict', `${indexed}${rule('FailJob')}`, 'krill.dev/exit-code: "42"'));
  await kubectl('wait', 'job/strict', '--for=condition=failed', '--timeout=60s');
  expect(await field('job/strict', '.status.conditions[?(@.type=="Failed")].reason')).toBe('PodFailurePolicy');
  expect(await field('job/strict', '.status.conditions[?(@.type=="Failed")].message')).toMatch(
    /Container c for pod default\/strict-\d-\w+ failed with exit code 42 matching FailJob rule at index 0/,
  );
  await kubectl.apply(
    job('lenient', `${indexed}backoffLimitPerIndex: 3\n  ${rule('FailIndex')}`, 'krill.dev/exit-code: "42"'),
  );
  await kubectl('wait', 'job/lenient', '--for=condition=failed', '--timeout=60s');
  expect(await field('job/lenient', '.status.failedIndexes')).toBe('0,1');
  expect(await field('job/lenient', '.status.conditions[?(@.type=="Failed")].reason')).toBe('FailedIndexes');
});

test('a suspended Job waits; a finished one goes after its TTL', async () => {
  await kubectl.apply(job('later', 'suspend: true\n  ttlSecondsAfterFinished: 0'));
  await kubectl('wait', 'job/later', '--for=condition=suspended', '--timeout=30s');
  await kubectl('patch', 'job', 'later', '--type=merge', '-p', '{"spec":{"suspend":false}}');
  await kubectl('wait', 'job/later', '--for=delete', '--timeout=60s');
});

test('a suspended Job takes other nodes for its pods, also after it has run', async () => {
  await kubectl.apply(job('moved', 'suspend: true', 'krill.dev/run-duration: 5m'));
  const patch = (spec: string) => kubectl.run(['patch', 'job', 'moved', '-p', `{"spec":${spec}}`]);
  const toNode = (node: string) => patch(`{"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":"${node}"}}}}`);
  const runsOn = async (node: string) => {
    await patch('{"suspend":false}');
    await kubectl('wait', 'job/moved', '--for=jsonpath={.status.ready}=1', '--timeout=30s');
    const nodes = await kubectl('get', 'pods', '-l', 'job-name=moved', '-o', 'jsonpath={.items[*].spec.nodeName}');
    expect(nodes).toBe(node);
  };
  await toNode('node-2');
  await runsOn('node-2');
  expect((await toNode('node-3')).stderr).toContain('field is immutable');
  await patch('{"suspend":true}');
  await kubectl('wait', 'job/moved', '--for=condition=suspended', '--timeout=30s');
  expect(await field('job/moved', '.status.startTime')).toBe('');
  await kubectl('wait', 'pod', '-l', 'job-name=moved', '--for=delete', '--timeout=30s');
  await toNode('node-3');
  await runsOn('node-3');
});

test('a pod that is drained does not count for a Job that ignores disruptions', async () => {
  const ignore = 'podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}';
  await kubectl.apply(job('patient', `backoffLimit: 0\n  ${ignore}`, 'krill.dev/run-duration: 5s'));
  await kubectl('wait', 'job/patient', '--for=jsonpath={.status.ready}=1', '--timeout=30s');
  const node = await kubectl('get', 'pods', '-l', 'job-name=patient', '-o', 'jsonpath={.items[0].spec.nodeName}');
  await kubectl('drain', node, '--ignore-daemonsets', '--force', '--pod-selector=job-name=patient');
  await kubectl('uncordon', node);
  await kubectl('wait', 'job/patient', '--for=condition=complete', '--timeout=60s');
  expect(await field('job/patient', '.status.failed')).toBe('');
  // The one that was drained is gone and another has done the work.
  expect(await kubectl('describe', 'job', 'patient')).toMatch(/(Created pod: patient-\w+\s.*){2}/s);
});

test('a CronJob makes Jobs by its schedule and by hand', async () => {
  await kubectl('create', 'cronjob', 'tick', '--schedule=@every 1s', '--image=work:1');
  const watch = kubectl.follow('get', 'cronjob', 'tick', '-w', '-o', 'jsonpath={.status.lastSuccessfulTime}{"\\n"}');
  for await (const line of watch.lines) if (line !== '') break;
  watch.stop();
  expect(await kubectl('get', 'jobs')).toMatch(/tick-\d+\s+Complete\s+1\/1/);
  await kubectl('patch', 'cronjob', 'tick', '-p', '{"spec":{"suspend":true}}');
  expect(await kubectl('create', 'job', 'now', '--from=cronjob/tick')).toContain('job.batch/now created');
  await kubectl('wait', 'job/now', '--for=condition=complete', '--timeout=60s');
  expect(await field('job/now', '.metadata.annotations.cronjob\\.kubernetes\\.io/instantiate')).toBe('manual');
  expect(await field('job/now', '.metadata.ownerReferences[0].name')).toBe('tick');
  expect(await kubectl('get', 'cronjob', 'tick')).toMatch(/tick\s+@every 1s\s+<none>\s+True/);
  expect(await kubectl('describe', 'cronjob', 'tick')).toMatch(
    /SuccessfulCreate\s+\S+\s+cronjob-controller\s+Created job tick-\d+/,
  );
  await kubectl('delete', 'cronjob', 'tick');
  await kubectl('wait', 'job/now', '--for=delete', '--timeout=30s');
});
