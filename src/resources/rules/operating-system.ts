import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { PodSpec } from '../../api/types/core-v1.gen.ts';
import { present } from './check.ts';
import { everyContainer } from './every-container.ts';

/** Pods say which system they are for; what the other one has is refused. Source: validateLinux, validateWindows. */

const windowsOnlyText = 'windows options cannot be set for a linux pod';
const windowsText = 'cannot be set for a windows pod';
const linuxPodFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
const linuxContainerFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** `spec.os`, and the fields that the named system does not know. */
export function operatingSystem(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  const name = spec.os?.name;
  if (!spec.os) return;
  if (!present(errors, path.child('os', 'name'), name)) return;
  if (name !== 'linux' && name !== 'windows') {
    errors.notSupported(path.child('os'), name, ['linux', 'windows']);
    return;
  }
  const isLinux = name === 'linux';
  const context = path.child('securityContext');
  if (isLinux) {
    if (spec.securityContext?.windowsOptions) errors.forbidden(context.child('windowsOptions'), windowsOnlyText);
  } else {
    for (const field of linuxPodFields) {
      const value = spec.securityContext?.[field];
      if (value === undefined || (field === 'sysctls' && spec.securityContext?.sysctls?.length === 0)) continue;
      errors.forbidden(context.child(field), windowsText);
    }
    for (const field of ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const) {
      if (field === 'hostPID' || field === 'hostIPC' ? spec[field] : spec[field] !== undefined) {
        errors.forbidden(path.child(field), windowsText);
      }
    }
  }
  for (const { container, path: place } of everyContainer(spec, path)) {
    const own = container.securityContext;
    const at = place.child('securityContext');
    if (isLinux && own?.windowsOptions) errors.forbidden(at.child('windowsOptions'), windowsOnlyText);
    if (isLinux) continue;
    for (const field of linuxContainerFields) {
      if (own?.[field] !== undefined) errors.forbidden(at.child(field), windowsText);
    }
  }
}
