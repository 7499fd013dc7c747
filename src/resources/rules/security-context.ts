import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { idErrors } from '../../api/names.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext } from '../../api/types/core-v1.gen.ts';
import { optionalOneOf } from './check.ts';
import { everyContainer } from './every-container.ts';
import { descendingPath } from './file-paths.ts';
import { windowsOptions } from './windows.ts';

/** Who containers run as and what they may do. */

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const maxProfilePath = 4095;

function id(errors: ErrorList, path: FieldPath, value: number | undefined): void {
  if (value === undefined) return;
  for (const text of idErrors(value)) errors.invalid(path, value, text);
}

function seccomp(errors: ErrorList, path: FieldPath, profile: SeccompProfile | undefined): void {
  if (!profile) return;
  if (!profile.type) errors.required(path.child('type'), 'type is required when seccompProfile is set');
  else optionalOneOf(errors, path.child('type'), profile.type, profileTypes, 'given');
  const at = path.child('localhostProfile');
  if (profile.type === 'Localhost') {
    if (profile.localhostProfile === undefined) errors.required(at, 'must be set when seccomp type is Localhost');
    else descendingPath(errors, at, profile.localhostProfile);
  } else if (profile.localhostProfile !== undefined) {
    errors.invalid(at, profile, 'can only be set when seccomp type is Localhost');
  }
}

function appArmor(errors: ErrorList, path: FieldPath, profile: AppArmorProfile | undefined): void {
  if (!profile) return;
  const file = profile.localhostProfile;
  const at = path.child('localhostProfile');
  if (profile.type === 'Localhost') {
    if (!file) errors.required(at, 'must be set when AppArmor type is Localhost');
    else if (file.trim() !== file) errors.invalid(at, file, 'must not be padded with whitespace');
    if (file && file.length > maxProfilePath) errors.tooLong(at, maxProfilePath);
  } else if (!profile.type) {
    errors.required(path.child('type'), 'type is required when appArmorProfile is set');
  } else if (!profileTypes.includes(profile.type)) {
    errors.notSupported(path.child('type'), profile.type, profileTypes, 'given');
  } else if (file !== undefined) {
    errors.invalid(at, file, 'can only be set when AppArmor type is Localhost');
  }
}

/** The security context of one container. */
export function securityContext(
  errors: ErrorList,
  path: FieldPath,
  context: SecurityContext | undefined,
  hostUsers: boolean,
): void {
  if (!context) return;
  id(errors, path.child('runAsUser'), context.runAsUser);
  id(errors, path.child('runAsGroup'), context.runAsGroup);
  optionalOneOf(errors, path.child('procMount'), context.procMount, ['Default', 'Unmasked'], 'given');
  if (hostUsers && context.procMount === 'Unmasked') {
    errors.invalid(path.child('procMount'), context.procMount, '`hostUsers` must be false to use `Unmasked`');
  }
  seccomp(errors, path.child('seccompProfile'), context.seccompProfile);
  if (context.allowPrivilegeEscalation === false) {
    const what = 'cannot set `allowPrivilegeEscalation` to false and';
    if (context.privileged) errors.invalid(path, context, `${what} \`privileged\` to true`);
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      errors.invalid(path, context, `${what} \`capabilities.Add\` CAP_SYS_ADMIN`);
    }
  }
  windowsOptions(errors, path.child('windowsOptions'), context.windowsOptions);
  appArmor(errors, path.child('appArmorProfile'), context.appArmorProfile);
}

const sysctlFormat = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlPattern = new RegExp(`^${sysctlFormat}$`);
const maxSysctl = 253;

/** The namespace of the kernel that a sysctl belongs to, for the two that pods may share with the host. */
function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  const dotted = name.replaceAll('/', '.');
  if (dotted.startsWith('net.')) return 'net';
  return /^(kernel\.(shm|msg)|kernel\.sem$|fs\.mqueue\.)/.test(dotted) ? 'ipc' : undefined;
}

function sysctls(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  const seen = new Set<string>();
  for (const [i, { name }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const at = path.index(i).child('name');
    if (!name) errors.required(at);
    else if (name.length > maxSysctl || !sysctlPattern.test(name)) {
      errors.invalid(at, name, `must have at most ${maxSysctl} characters and match regex ^${sysctlFormat}$`);
    } else if (seen.has(name)) errors.duplicate(at, name);
    const namespace = sysctlNamespace(name);
    if (spec.hostNetwork && namespace === 'net') {
      errors.invalid(at, name, "may not be specified when 'hostNetwork' is true");
    } else if (spec.hostIPC && namespace === 'ipc') {
      errors.invalid(at, name, "may not be specified when 'hostIPC' is true");
    }
    seen.add(name);
  }
}

/** The security context of the whole pod. */
export function podSecurityContext(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  const context = spec.securityContext;
  if (!context) return;
  id(errors, path.child('fsGroup'), context.fsGroup);
  id(errors, path.child('runAsUser'), context.runAsUser);
  id(errors, path.child('runAsGroup'), context.runAsGroup);
  for (const [i, group] of (context.supplementalGroups ?? []).entries()) {
    id(errors, path.child('supplementalGroups').index(i), group);
  }
  if (spec.shareProcessNamespace && spec.hostPID) {
    const text = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.invalid(path.child('shareProcessNamespace'), true, text);
  }
  if (context.sysctls) sysctls(errors, path.child('sysctls'), spec);
  optionalOneOf(errors, path.child('fsGroupChangePolicy'), context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']);
  seccomp(errors, path.child('seccompProfile'), context.seccompProfile);
  windowsOptions(errors, path.child('windowsOptions'), context.windowsOptions);
  appArmor(errors, path.child('appArmorProfile'), context.appArmorProfile);
  const groups = path.child('supplementalGroupsPolicy');
  optionalOneOf(errors, groups, context.supplementalGroupsPolicy, ['Merge', 'Strict']);
  const labels = path.child('seLinuxChangePolicy');
  optionalOneOf(errors, labels, context.seLinuxChangePolicy, ['MountOption', 'Recursive']);
}

/** Users of its own exclude the host's namespaces, and devices, whose owner cannot be mapped. */
export function hostUsers(errors: ErrorList, path: FieldPath, spec: PodSpec): void {
  if (spec.hostUsers !== false) return;
  const text = 'when `hostUsers` is false';
  if (spec.hostNetwork) errors.forbidden(path.child('hostNetwork'), text);
  if (spec.hostPID) errors.forbidden(path.child('HostPID'), text);
  if (spec.hostIPC) errors.forbidden(path.child('HostIPC'), text);
  for (const { container, path: at } of everyContainer(spec, path)) {
    if (container.volumeDevices?.length) errors.forbidden(at.child('volumeDevices'), text);
  }
}
