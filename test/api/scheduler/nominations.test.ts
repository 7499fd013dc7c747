import { expect, test } from 'vitest';
import { persistentVolumeClaims, storageClasses } from '../../../src/api/kinds.gen.ts';
import { isBound, schedulerRig } from '../../kit/scheduler.ts';

test('a pod whose volume is still being made says which node it is to have', async () => {
  await using rig = await schedulerRig();
  await rig.addNode({ name: 'n' });
  await rig.client.resource(storageClasses).create({
    metadata: { name: 'late' },
    provisioner: 'test.io/made-by-hand',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const claim = await rig.client.resource(persistentVolumeClaims).create({
    metadata: { name: 'data', namespace: 'default' },
    spec: {
      storageClassName: 'late',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  });
  await rig.addPod({ name: 'p', volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] });
  const waiting = await rig.until('p', ({ status }) => status?.nominatedNodeName !== undefined);
  expect([waiting.status?.nominatedNodeName, isBound(waiting)]).toEqual(['n', false]);
  await rig.api.call('create', 'persistentvolumes', {
    namespace: '',
    object: {
      metadata: { name: 'v' },
      spec: {
        storageClassName: 'late',
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/v' },
        claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid: claim.metadata.uid },
      },
    } as never,
  });
  const key = { namespace: 'default', name: 'data' };
  await rig.client.resource(persistentVolumeClaims).mergePatch(key, {
    metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { volumeName: 'v' },
  });
  await rig.client
    .resource(persistentVolumeClaims)
    .mergePatch(key, { status: { phase: 'Bound' } }, { subresource: 'status' });
  const bound = await rig.until('p', isBound);
  expect([bound.spec?.nodeName, bound.status?.nominatedNodeName]).toEqual(['n', undefined]);
});
