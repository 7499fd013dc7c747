import type { ContainerSecurity, ImageInfo } from '../../node/runtime.ts';
import { StartError } from '../../node/runtime.ts';
import type { Container, Pod } from '../types.ts';
import { podText } from './restart.ts';

/** Pod and container security context as one; the container's word wins. */
export function securityOf(pod: Pod, container: Container): ContainerSecurity {
  const outer = pod.spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const runAsUser = own.runAsUser ?? outer.runAsUser;
  const runAsGroup = own.runAsGroup ?? outer.runAsGroup;
  const seccomp = own.seccompProfile ?? outer.seccompProfile;
  const apparmor = own.appArmorProfile ?? outer.appArmorProfile;
  const groups = new Set(outer.supplementalGroups ?? []);
  if (outer.fsGroup !== undefined) groups.add(outer.fsGroup);
  return {
    ...(runAsUser !== undefined && { runAsUser }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    supplementalGroups: [...groups],
    privileged: own.privileged ?? false,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    allowPrivilegeEscalation: own.allowPrivilegeEscalation ?? true,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    ...(seccomp && { seccomp }),
    ...(apparmor && { apparmor }),
  };
}

/** Refuses a root user where runAsNonRoot forbids it. Throws CreateContainerConfigError with kubelet's texts. */
export function verifyNonRoot(pod: Pod, container: Container, image: ImageInfo): void {
  const required = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot ?? false;
  if (!required) return;
  const refuse = (why: string) =>
    new StartError('CreateContainerConfigError', `${why} (pod: "${podText(pod)}", container: ${container.name})`);
  const wanted = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (wanted === 0) throw refuse("container's runAsUser breaks non-root policy");
  if (wanted !== undefined) return;
  const user = image.user.split(':')[0]!;
  if (user === '' || user === '0') throw refuse('container has runAsNonRoot and image will run as root');
  if (!/^\d+$/.test(user)) {
    throw refuse(`container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`);
  }
}
