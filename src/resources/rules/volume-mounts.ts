import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Container, Volume, VolumeDevice, VolumeMount } from '../../api/types/core-v1.gen.ts';
import { optionalOneOf, present } from './check.ts';
import { descendingPath } from './file-paths.ts';

/** Where the volumes of a pod appear inside a container. */

type Volumes = ReadonlyMap<string, Volume>;

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

function propagation(errors: ErrorList, path: FieldPath, mount: VolumeMount, container: Container): void {
  optionalOneOf(errors, path, mount.mountPropagation, propagations);
  if (mount.mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) {
    errors.forbidden(path, 'Bidirectional mount propagation is available only to privileged containers');
  }
}

function recursiveReadOnly(errors: ErrorList, path: FieldPath, mount: VolumeMount): void {
  const value = mount.recursiveReadOnly;
  if (value === undefined || value === 'Disabled') return;
  if (value !== 'Enabled' && value !== 'IfPossible') {
    errors.notSupported(path, value, ['Disabled', 'Enabled', 'IfPossible']);
    return;
  }
  if (!mount.readOnly) errors.forbidden(path, 'may only be specified when readOnly is true');
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
    errors.forbidden(path, 'may only be specified when mountPropagation is None or not specified');
  }
}

/** Sub-paths are reported without the index of their mount, as upstream does. */
function subPaths(errors: ErrorList, path: FieldPath, at: FieldPath, mount: VolumeMount): void {
  if (mount.subPath) descendingPath(errors, path.child('subPath'), mount.subPath);
  if (!mount.subPathExpr) return;
  if (mount.subPath) {
    errors.invalid(at.child('subPathExpr'), mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive');
  }
  descendingPath(errors, path.child('subPathExpr'), mount.subPathExpr);
}

export function volumeMounts(errors: ErrorList, path: FieldPath, container: Container, volumes: Volumes): void {
  const mounts = container.volumeMounts;
  if (!mounts) return;
  const taken = new Set<string>();
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i]!;
    const at = path.index(i);
    present(errors, at.child('name'), mount.name);
    const volume = volumes.get(mount.name);
    if (!volume) errors.notFound(at.child('name'), mount.name);
    present(errors, at.child('mountPath'), mount.mountPath);
    if (taken.has(mount.mountPath)) errors.invalid(at.child('mountPath'), mount.mountPath, 'must be unique');
    taken.add(mount.mountPath);
    for (const device of container.volumeDevices ?? []) {
      if (device.name === mount.name) {
        errors.invalid(at.child('name'), mount.name, 'must not already exist in volumeDevices');
      }
      if (device.devicePath === mount.mountPath) {
        const text = 'must not already exist as a path in volumeDevices';
        errors.invalid(at.child('mountPath'), mount.mountPath, text);
      }
    }
    subPaths(errors, path, at, mount);
    if (mount.mountPropagation !== undefined) {
      propagation(errors, path.child('mountPropagation'), mount, container);
    }
    recursiveReadOnly(errors, path.child('recursiveReadOnly'), mount);
  }
}

function deviceVolume(errors: ErrorList, path: FieldPath, name: string, volumes: Volumes): void {
  const volume = volumes.get(name);
  if (!volume) errors.notFound(path, name);
  else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
    const text = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
    errors.invalid(path, name, text);
  }
}

function devicePath(errors: ErrorList, path: FieldPath, device: VolumeDevice, taken: Set<string>): void {
  const value = device.devicePath;
  if (!value) errors.required(path);
  if (taken.has(value)) errors.invalid(path, value, 'must be unique');
  if (value?.split('/').includes('..')) errors.invalid(path, value, "can not contain backsteps ('..')");
  else taken.add(value);
}

export function volumeDevices(errors: ErrorList, path: FieldPath, container: Container, volumes: Volumes): void {
  const paths = new Set<string>();
  const names = new Set<string>();
  for (const [i, device] of (container.volumeDevices ?? []).entries()) {
    const at = path.index(i);
    present(errors, at.child('name'), device.name);
    if (names.has(device.name)) errors.invalid(at.child('name'), device.name, 'must be unique');
    names.add(device.name);
    deviceVolume(errors, at.child('name'), device.name, volumes);
    devicePath(errors, at.child('devicePath'), device, paths);
    for (const mount of container.volumeMounts ?? []) {
      if (mount.name === device.name) {
        errors.invalid(at.child('name'), device.name, 'must not already exist in volumeMounts');
      }
      if (mount.mountPath === device.devicePath) {
        const text = 'must not already exist as a path in volumeMounts';
        errors.invalid(at.child('devicePath'), device.devicePath, text);
      }
    }
  }
}
