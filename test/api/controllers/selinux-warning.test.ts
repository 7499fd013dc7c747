import { expect, test } from 'vitest';
import { csiDrivers, events, persistentVolumeClaims, persistentVolumes, pods } from '../../../src/api/kinds.gen.ts';
import { controlPlane } from '../../kit/controllers.ts';

test('pods that use a volume under different labels are told, as soon as its driver mounts it with one', async () => {
  await using plane = await controlPlane();
  const size = { storage: '1Gi' };
  const accessModes = ['ReadWriteMany' as const];
  await plane.client.resource(persistentVolumes).create({
    metadata: { name: 'pv' },
    spec: {
      capacity: size,
      accessModes,
      storageClassName: '',
      csi: { driver: 'd.example.com', volumeHandle: 'h' },
      claimRef: { namespace: 'default', name: 'c' },
    },
  });
  await plane.client.resource(persistentVolumeClaims).create({
    metadata: { name: 'c', namespace: 'default' },
    spec: { accessModes, resources: { requests: size }, storageClassName: '', volumeName: 'pv' },
  });
  for (const name of ['a', 'b']) {
    await plane.client.resource(pods).create({
      metadata: { name, namespace: 'default' },
      spec: {
        securityContext: { seLinuxOptions: { level: `s0:${name}` } },
        containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
      },
    });
  }
  await plane.client.resource(csiDrivers).create({ metadata: { name: 'd.example.com' }, spec: { seLinuxMount: true } });
  const about = (all: { reason?: string; involvedObject: { name?: string } }[]) =>
    new Set(all.filter(({ reason }) => reason === 'SELinuxLabelConflict').map((e) => e.involvedObject.name));
  const told = await plane.untilAll(events, (all) => about(all).size === 2);
  expect([...about(told)].sort()).toEqual(['a', 'b']);
});
