import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BoundKubectl,
  bind,
  buildTestImages,
  dockerAnswers,
  type Installation,
  installation,
} from '../../kit/krill.ts';
import { kubectls } from '../../kit/kubectl.ts';

const image = 'krill-test/web:1';

const claim = (name: string, modes = 'ReadWriteOnce') => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec: {accessModes: [${modes}], resources: {requests: {storage: 1Gi}}}
`;

/** A pod, as user 1000 unless told otherwise, that has the volume at /data and stays. */
const pod = (name: string, volume: string, more = 'securityContext: {runAsUser: 1000}') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
  ${more}
  containers:
  - {name: web, image: ${image}, volumeMounts: [{name: data, mountPath: /data}]}
  volumes:
  - {name: data, ${volume}}
`;
const ofClaim = (name: string) => `persistentVolumeClaim: {claimName: ${name}}`;

describe.runIf(dockerAnswers())('volumes of two Docker nodes', () => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    buildTestImages();
    installed = installation();
    await installed.must('up', 'disks', '--runtime', 'docker', '--nodes', '2');
    kubectl = bind(kubectls().at(-1)!.path, installed);
  });

  afterAll(() => installed[Symbol.asyncDispose]());

  const started = async (name: string, volume: string, more?: string) => {
    await kubectl.apply(pod(name, volume, more));
    await kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=30s');
  };
  const inside = (name: string, script: string) => kubectl('exec', name, '--', 'sh', '-c', script);
  const volumeOf = (name: string) => kubectl('get', 'pvc', name, '-o', 'jsonpath={.spec.volumeName}');
  const folderOf = async (name: string) =>
    kubectl('get', 'pv', await volumeOf(name), '-o', 'jsonpath={.spec.hostPath.path}');

  test('what a pod writes is there for the next one, and gone with the claim', async () => {
    await kubectl.apply(claim('data'));
    await started('writer', ofClaim('data'));
    await inside('writer', 'echo kept > /data/file');
    const node = await kubectl('get', 'pod', 'writer', '-o', 'jsonpath={.spec.nodeName}');
    await kubectl('delete', 'pod', 'writer');
    await started('reader', ofClaim('data'));
    expect(await inside('reader', 'cat /data/file')).toBe('kept\n');
    expect(await kubectl('get', 'pod', 'reader', '-o', 'jsonpath={.spec.nodeName}')).toBe(node);

    const [folder, volume] = [await folderOf('data'), await volumeOf('data')];
    const [disk, own] = [folder.slice(0, folder.lastIndexOf('/')), folder.slice(folder.lastIndexOf('/') + 1)];
    await started('watcher', `hostPath: {path: ${disk}}`);
    expect(await inside('watcher', 'ls /data')).toBe(`${own}\n`);
    await kubectl('delete', 'pvc', 'data', '--wait=false');
    expect(await kubectl('get', 'pvc', 'data')).toMatch(/Terminating/);
    expect(await inside('reader', 'cat /data/file')).toBe('kept\n');
    await kubectl('delete', 'pod', 'reader');
    await kubectl('wait', '--for=delete', 'pvc/data', `pv/${volume}`, '--timeout=30s');
    expect(await inside('watcher', 'ls /data')).toBe('');
    await kubectl('delete', 'pod', 'watcher');
  });

  test('a pod finds its volume when krill and its container have started anew', async () => {
    await kubectl.apply(claim('lasting'));
    await started('lasting', ofClaim('lasting'));
    await inside('lasting', 'echo kept > /data/file');
    await installed.must('down', 'disks');
    await installed.must('up', 'disks');
    expect(await inside('lasting', 'cat /data/file')).toBe('kept\n');
    await kubectl.run(['exec', 'lasting', '--', 'sh', '-c', 'kill 1']);
    const restarts = '--for=jsonpath={.status.containerStatuses[0].restartCount}=1';
    await kubectl('wait', 'pod/lasting', restarts, '--timeout=30s');
    await kubectl('wait', 'pod/lasting', '--for=condition=Ready', '--timeout=30s');
    expect(await inside('lasting', 'cat /data/file')).toBe('kept\n');
    await kubectl('delete', 'pod', 'lasting');
    await kubectl('delete', 'pvc', 'lasting');
  });

  test('pods of two nodes share a volume that is for many', async () => {
    await kubectl.apply(claim('shared', 'ReadWriteMany'));
    await started('left', ofClaim('shared'), 'nodeSelector: {kubernetes.io/hostname: node-1}');
    await started('right', ofClaim('shared'), 'nodeSelector: {kubernetes.io/hostname: node-2}');
    await inside('left', 'echo hello > /data/file');
    expect(await inside('right', 'cat /data/file')).toBe('hello\n');
    await kubectl('delete', 'pod', 'left', 'right');
    await kubectl('delete', 'pvc', 'shared');
  });

  test('a StatefulSet finds its data again after it was scaled down and up', async () => {
    await kubectl.apply(`apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: web, image: ${image}, volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}
`);
    await kubectl('rollout', 'status', 'statefulset/db', '--timeout=60s');
    for (const name of ['db-0', 'db-1']) await inside(name, `echo ${name} > /data/name`);
    await kubectl('scale', 'statefulset/db', '--replicas=0');
    await kubectl('wait', '--for=delete', 'pod/db-0', 'pod/db-1', '--timeout=30s');
    await kubectl('scale', 'statefulset/db', '--replicas=2');
    await kubectl('rollout', 'status', 'statefulset/db', '--timeout=60s');
    for (const name of ['db-0', 'db-1']) expect(await inside(name, 'cat /data/name')).toBe(`${name}\n`);
    await kubectl('delete', 'statefulset', 'db');
    await kubectl('delete', 'pvc', 'data-db-0', 'data-db-1');
  });

  test("a pod's own volume lives as long as the pod; a folder of one's own outlives its claim", async () => {
    const template = 'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}';
    await started('scratch', `ephemeral: {volumeClaimTemplate: {${template}}}`);
    await inside('scratch', 'echo x > /data/file');
    await kubectl('delete', 'pod', 'scratch');
    await kubectl('wait', '--for=delete', 'pvc/scratch-data', '--timeout=30s');

    await kubectl.apply(`apiVersion: v1
kind: PersistentVolume
metadata: {name: own}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  persistentVolumeReclaimPolicy: Delete
  hostPath: {path: /tmp/krill-e2e-own}
---
${claim('own').replace('spec: {', 'spec: {storageClassName: "", ')}`);
    await started('user', ofClaim('own'));
    await kubectl('delete', 'pod', 'user');
    await kubectl('delete', 'pvc', 'own');
    await kubectl('wait', '--for=delete', 'pv/own', '--timeout=30s');
    await started('watcher', 'hostPath: {path: /tmp}');
    expect(await inside('watcher', 'ls -d /data/krill-e2e-own 2>/dev/null || echo gone')).toBe('gone\n');
  });

  test('a recycled volume is empty for the next claim', async () => {
    const hostPath = `apiVersion: v1
kind: PersistentVolume
metadata: {name: again}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  persistentVolumeReclaimPolicy: Recycle
  hostPath: {path: /tmp/krill-e2e-again}
`;
    const own = claim('again').replace('spec: {', 'spec: {storageClassName: "", ');
    await kubectl.apply(`${hostPath}---\n${own}`);
    await started('first', ofClaim('again'), 'securityContext: {runAsUser: 0}');
    await inside('first', 'mkdir -p /data/.hidden && echo x > /data/.hidden/file');
    await kubectl('delete', 'pod', 'first');
    await kubectl('delete', 'pvc', 'again');
    await kubectl('wait', 'pv/again', '--for=jsonpath={.status.phase}=Available', '--timeout=60s');
    await kubectl.apply(own);
    await started('second', ofClaim('again'));
    expect(await inside('second', 'ls -A /data')).toBe('');
    await kubectl('patch', 'pv', 'again', '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}');
    await kubectl('delete', 'pod', 'second');
    await kubectl('delete', 'pvc', 'again');
    await kubectl('wait', '--for=delete', 'pv/again', '--timeout=30s');
  });
});
