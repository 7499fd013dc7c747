import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

interface VolumeFields {
  readonly size?: string;
  readonly className?: string;
  readonly labels?: string;
  readonly more?: string;
}

const volume = (name: string, { size = '1Gi', className = 'manual', labels = '', more = '' }: VolumeFields = {}) => `
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: ${name}, labels: {${labels}}}
spec:
  capacity: {storage: ${size}}
  accessModes: [ReadWriteOnce]
  storageClassName: "${className}"
  hostPath: {path: /srv/${name}}
  ${more}
`;

const claim = (name: string, { size = '1Gi', className = 'manual', more = '' }: VolumeFields = {}) => `
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: "${className}"
  resources: {requests: {storage: ${size}}}
  ${more}
`;

const pod = (name: string, claimName: string) => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: c, image: app, volumeMounts: [{name: data, mountPath: /data}]}
  volumes:
  - {name: data, persistentVolumeClaim: {claimName: ${claimName}}}
`;

describe.each(kubectls())('volumes by kubectl $minor', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;

  beforeAll(async () => {
    installed = installation();
    await installed.must('up', `v${minor.replace('.', '-')}`, '--runtime', 'simulated', '--nodes', '2');
    kubectl = bind(path, installed);
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  beforeEach(async () => {
    await kubectl('delete', 'pods,pvc', '--all', '--wait=true');
    await kubectl('delete', 'pv', '--all', '--wait=true');
  });

  const phase = (what: string, wanted: string) =>
    kubectl('wait', what, `--for=jsonpath={.status.phase}=${wanted}`, '--timeout=20s');
  const read = (what: string, at: string) => kubectl('get', what, '-o', `jsonpath={${at}}`);
  const volumeOf = (name: string) => read(`pvc/${name}`, '.spec.volumeName');
  /** Resolves with what `kubectl describe` says once that contains the text. */
  const described = async (what: string, text: string) => {
    for (;;) {
      const said = await kubectl('describe', what);
      if (said.includes(text)) return said;
    }
  };

  test('the class standard is there, and the default one', async () => {
    expect(await kubectl('get', 'storageclass')).toMatch(
      /standard \(default\)\s+krill\.dev\/local-path\s+Delete\s+WaitForFirstConsumer\s+true/,
    );
  });

  test('static: a claim gets the smallest volume of its class that is large enough', async () => {
    const manifest = [
      volume('v1', { size: '1Gi' }),
      volume('v5', { size: '5Gi' }),
      volume('v10', { size: '10Gi' }),
      volume('other', { size: '3Gi', className: 'slow' }),
    ].join('');
    await kubectl.apply(manifest);
    for (const name of ['v1', 'v5', 'v10', 'other']) await phase(`pv/${name}`, 'Available');
    await kubectl.apply(claim('c', { size: '2Gi' }));
    await phase('pvc/c', 'Bound');
    expect(await kubectl('get', 'pvc', 'c')).toMatch(/c\s+Bound\s+v5\s+5Gi\s+RWO\s+manual/);
    expect(await kubectl('get', 'pv', 'v5')).toMatch(/v5\s+5Gi\s+RWO\s+Retain\s+Bound\s+default\/c\s+manual/);
    expect(await kubectl('get', 'pv', 'v1')).toMatch(/Available/);
  });

  test('static: by selector', async () => {
    await kubectl.apply(volume('plain') + volume('fast', { size: '9Gi', labels: 'disk: ssd' }));
    await phase('pv/fast', 'Available');
    await kubectl.apply(claim('c', { more: 'selector: {matchLabels: {disk: ssd}}' }));
    await phase('pvc/c', 'Bound');
    expect(await volumeOf('c')).toBe('fast');
  });

  test('static: by the name of the volume, by the name of the claim, and by both', async () => {
    await kubectl.apply(volume('a') + volume('b') + claim('wants-b', { more: 'volumeName: b' }));
    await phase('pvc/wants-b', 'Bound');
    await kubectl.apply(
      volume('kept', { size: '7Gi', more: 'claimRef: {namespace: default, name: heir}' }) +
        claim('heir', { size: '5Gi' }),
    );
    await phase('pvc/heir', 'Bound');
    await kubectl.apply(
      volume('both', { more: 'claimRef: {namespace: default, name: pair}' }) +
        claim('pair', { more: 'volumeName: both' }),
    );
    await phase('pvc/pair', 'Bound');
    expect(await Promise.all(['wants-b', 'heir', 'pair'].map(volumeOf))).toEqual(['b', 'kept', 'both']);
    expect(await kubectl('get', 'pv', 'a')).toMatch(/Available/);
    await kubectl.apply(claim('late', { more: 'volumeName: b' }));
    await described('pvc/late', 'volume "b" already bound to a different claim.');
  });

  test('a claim that waits is bound when a volume comes', async () => {
    await kubectl.apply(claim('none', { className: '' }) + claim('c', { className: '' }));
    await described('pvc/c', 'no persistent volumes available for this claim and no storage class is set');
    await kubectl.apply(volume('v', { className: '' }) + volume('w', { className: '' }));
    await phase('pvc/c', 'Bound');
    await phase('pvc/none', 'Bound');
  });

  test('Retain: released with its claim, and to be had again', async () => {
    await kubectl.apply(volume('v') + claim('c'));
    await phase('pvc/c', 'Bound');
    await kubectl('delete', 'pvc', 'c');
    await phase('pv/v', 'Released');
    await kubectl('patch', 'pv', 'v', '--type=json', '-p', '[{"op":"remove","path":"/spec/claimRef"}]');
    await phase('pv/v', 'Available');
    await kubectl.apply(claim('d'));
    await phase('pvc/d', 'Bound');
  });

  test('Recycle: emptied by a pod, and to be had again', async () => {
    await kubectl.apply(volume('v', { more: 'persistentVolumeReclaimPolicy: Recycle' }) + claim('c'));
    await phase('pvc/c', 'Bound');
    await kubectl('delete', 'pvc', 'c');
    await described('pv/v', 'Volume recycled');
    await phase('pv/v', 'Available');
    expect(await kubectl('get', 'pods')).toBe('');
  });

  test('dynamic: made where the first pod runs, and deleted with the claim', async () => {
    await kubectl.apply(claim('c', { className: 'standard' }));
    await described('pvc/c', 'waiting for first consumer to be created before binding');
    await kubectl.apply(pod('p', 'c'));
    await kubectl('wait', 'pod/p', '--for=condition=Ready', '--timeout=20s');
    const made = await volumeOf('c');
    expect(made).toBe(`pvc-${await read('pvc/c', '.metadata.uid')}`);
    const node = await read('pod/p', '.spec.nodeName');
    const term = '.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]';
    expect(await read(`pv/${made}`, term)).toBe(node);
    await described('pvc/c', `Successfully provisioned volume ${made}`);
    await kubectl('delete', 'pod', 'p');
    await kubectl('delete', 'pvc', 'c');
    await kubectl('wait', '--for=delete', `pv/${made}`, '--timeout=20s');
  });

  test('dynamic: a claim grows', async () => {
    await kubectl.apply(claim('c', { className: 'standard' }) + pod('p', 'c'));
    await phase('pvc/c', 'Bound');
    const asked = await kubectl.run([
      'patch',
      'pvc',
      'c',
      '-p',
      '{"spec":{"resources":{"requests":{"storage":"512Mi"}}}}',
    ]);
    expect(asked.stderr).toContain('field can not be less than status.capacity');
    await kubectl('patch', 'pvc', 'c', '-p', '{"spec":{"resources":{"requests":{"storage":"4Gi"}}}}');
    await kubectl('wait', 'pvc/c', '--for=jsonpath={.status.capacity.storage}=4Gi', '--timeout=20s');
    expect(await read(`pv/${await volumeOf('c')}`, '.spec.capacity.storage')).toBe('4Gi');
  });

  test('protection: what is in use is deleted when it no longer is', async () => {
    await kubectl.apply(volume('v') + claim('c') + pod('p', 'c'));
    await kubectl('wait', 'pod/p', '--for=condition=Ready', '--timeout=20s');
    await kubectl('delete', 'pvc', 'c', '--wait=false');
    await kubectl('delete', 'pv', 'v', '--wait=false');
    expect(await kubectl('get', 'pvc', 'c')).toMatch(/c\s+Terminating/);
    expect(await kubectl('get', 'pv', 'v')).toMatch(/Terminating/);
    expect(await read('pvc/c', '.metadata.finalizers[0]')).toBe('kubernetes.io/pvc-protection');
    await kubectl('delete', 'pod', 'p');
    await kubectl('wait', '--for=delete', 'pvc/c', 'pv/v', '--timeout=20s');
  });

  test('what a user deletes or changes of the default class stays so', async () => {
    await kubectl('delete', 'storageclass', 'standard');
    const name = `v${minor.replace('.', '-')}`;
    await installed.must('down', name);
    await installed.must('up', name);
    expect((await kubectl.run(['get', 'storageclass'])).stderr).toContain('No resources found');
  });
});
