import {
  persistentVolumeClaims as claims,
  storageClasses as classes,
  events,
  pods,
  persistentVolumes as volumes,
} from '../../src/api/kinds.gen.ts';
import type { PersistentVolumeClaimSpec, PersistentVolumeSpec } from '../../src/api/types/core-v1.gen.ts';
import type { StorageClass } from '../../src/api/types/storage-v1.gen.ts';
import type { ControlPlane } from './controllers.ts';

/** Volumes and claims on a control plane. */

export const makeVolume = (plane: ControlPlane, name: string, spec: PersistentVolumeSpec = {}, more: object = {}) =>
  plane.client.resource(volumes).create({
    metadata: { name, ...more },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: `/srv/${name}` },
      ...spec,
    },
  });

export const makeClaim = (plane: ControlPlane, name: string, spec: PersistentVolumeClaimSpec = {}, more: object = {}) =>
  plane.client.resource(claims).create({
    metadata: { name, namespace: 'default', ...more },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });

export const makeClass = (plane: ControlPlane, name: string, more: Partial<StorageClass> = {}) =>
  plane.client.resource(classes).create({ metadata: { name }, provisioner: 'example.com/nfs', ...more });

export const user = (plane: ControlPlane, name: string, claimName: string) =>
  plane.client.resource(pods).create({
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    },
  });

export const untilClaim = (plane: ControlPlane, name: string, phase: string) =>
  plane.until(claims, `default/${name}`, (claim) => claim?.status?.phase === phase);
export const untilVolume = (plane: ControlPlane, name: string, phase: string) =>
  plane.until(volumes, name, (volume) => volume?.status?.phase === phase);

/** Resolves with the event about an object once there is one for this reason. */
export const untilTold = async (plane: ControlPlane, name: string, reason: string) => {
  const fits = (event: { involvedObject: { name?: string }; reason?: string }) =>
    event.involvedObject.name === name && event.reason === reason;
  return (await plane.untilAll(events, (all) => all.some(fits))).find(fits)!;
};
