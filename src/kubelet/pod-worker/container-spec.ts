import type { ContainerSpec, ImageInfo, Mount, PodFiles, SandboxSpec } from '../../node/runtime.ts';
import { StartError } from '../../node/runtime.ts';
import { amount } from '../quantity.ts';
import type { Container, Pod, VolumeMount } from '../types.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import { type EnvContext, environment } from './env.ts';
import { expand, expandStrictly } from './expansion.ts';
import { kernelHostname } from './names.ts';
import { labels } from './observed.ts';
import { containerResources, podResources } from './resources.ts';
import { securityOf, verifyNonRoot } from './security.ts';
import { qosClass } from './status.ts';

/** The files kubelet manages in every pod, relative to the pod's folder. */
export const managedFiles = { hosts: 'etc-hosts', resolvConf: 'resolv.conf' } as const;

export interface SpecInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly backoff: number;
  readonly sandboxId: string;
  readonly image: ImageInfo;
  readonly env: EnvContext;
  readonly volumes: PodVolumes;
  readonly files: PodFiles;
}

const identity = (pod: Pod) => ({
  namespace: pod.metadata.namespace ?? '',
  name: pod.metadata.name ?? '',
  uid: pod.metadata.uid ?? '',
});

/** What to start. Throws `StartError` with kubelet's reasons and texts. */
export async function containerSpec(input: SpecInput, signal: AbortSignal): Promise<ContainerSpec> {
  const { pod, container, image } = input;
  verifyNonRoot(pod, container, image);
  const env = await environment(pod, container, input.env);
  const values = new Map(env.map(({ name, value }) => [name, value]));
  const lookup = (name: string) => values.get(name);
  const mounts = await mountsOf(input, lookup, signal);
  const memory = amount(input.env.allocatable.memory) ?? 0;
  return {
    node: pod.spec.nodeName ?? '',
    pod: identity(pod),
    sandboxId: input.sandboxId,
    name: container.name,
    attempt: input.attempt,
    labels: { [labels.image]: container.image ?? '', [labels.backoff]: String(input.backoff) },
    image: image.id,
    ...(container.command?.length && { command: container.command.map((text) => expand(text, lookup)) }),
    ...(container.args?.length && { args: container.args.map((text) => expand(text, lookup)) }),
    env,
    ...(container.workingDir && { workingDir: container.workingDir }),
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    mounts,
    resources: containerResources(pod, container, qosClass(pod), memory),
    security: securityOf(pod, container),
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    ...(container.lifecycle?.stopSignal && { stopSignal: container.lifecycle.stopSignal }),
  };
}

/** A container that only pretends to run needs no more than its name. */
export function simulatedSpec(input: Omit<SpecInput, 'env' | 'volumes' | 'files'>): ContainerSpec {
  const { pod, container } = input;
  return {
    node: pod.spec.nodeName ?? '',
    pod: identity(pod),
    sandboxId: input.sandboxId,
    name: container.name,
    attempt: input.attempt,
    labels: { [labels.image]: container.image ?? '', [labels.backoff]: String(input.backoff) },
    image: input.image.id,
    env: [],
    tty: false,
    stdin: false,
    stdinOnce: false,
    mounts: [],
    resources: {},
    security: securityOf(pod, container),
  };
}

async function mountsOf(
  input: SpecInput,
  lookup: (name: string) => string | undefined,
  signal: AbortSignal,
): Promise<Mount[]> {
  const { pod, container, files, volumes } = input;
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const source = volumes.source(mount.name);
    if (!source) {
      throw configError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    }
    const claim = pod.spec.volumes?.find(({ name }) => name === mount.name)?.persistentVolumeClaim;
    const readOnly = mount.readOnly || claim?.readOnly || false;
    mounts.push(await mountOf({ ...mount, readOnly }, source, container, files, lookup, signal));
  }
  const covered = new Set(mounts.map((mount) => mount.containerPath.replace(/\/+$/, '')));
  const managed = [
    ['/etc/hosts', managedFiles.hosts],
    ['/etc/resolv.conf', managedFiles.resolvConf],
  ] as const;
  for (const [containerPath, file] of managed) {
    if (covered.has(containerPath)) continue;
    const readOnly = container.securityContext?.readOnlyRootFilesystem ?? false;
    mounts.push({ containerPath, readOnly, source: { type: 'path', path: files.path(file) } });
  }
  for (const device of container.volumeDevices ?? []) {
    throw configError(
      `block device ${device.name}: volumeDevices are not supported by krill (pod ${pod.metadata.name})`,
    );
  }
  return mounts;
}

const configError = (message: string, cause?: unknown) => new StartError('CreateContainerConfigError', message, cause);

async function mountOf(
  mount: VolumeMount,
  source: Mount['source'],
  container: Container,
  files: PodFiles,
  lookup: (name: string) => string | undefined,
  signal: AbortSignal,
): Promise<Mount> {
  const subPath = subPathOf(mount, lookup);
  const base = {
    containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    readOnly: mount.readOnly ?? false,
    ...(mount.mountPropagation && { propagation: mount.mountPropagation }),
  };
  if (!subPath) return { ...base, source };
  if (source.type === 'memory') return { ...base, source, subPath };
  try {
    return { ...base, source: { type: 'path', path: await files.subPath(source.path, subPath, signal) } };
  } catch (error) {
    signal.throwIfAborted();
    const text = `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`;
    throw configError(text, error);
  }
}

function subPathOf(mount: VolumeMount, lookup: (name: string) => string | undefined): string {
  let subPath = mount.subPath ?? '';
  if (mount.subPathExpr) {
    try {
      subPath = expandStrictly(mount.subPathExpr, lookup);
    } catch (error) {
      throw configError((error as Error).message, error);
    }
  }
  if (subPath.startsWith('/')) throw configError(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (subPath.split('/').includes('..'))
    throw configError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  return subPath;
}

/** The sandbox of a pod. Throws when its host name does not fit. */
export function sandboxSpec(pod: Pod, attempt: number, clusterDomain: string): SandboxSpec {
  const { spec } = pod;
  const inMemory = new Set(PodVolumes.inMemory(pod));
  const mounts = (spec.volumes ?? [])
    .filter((volume) => inMemory.has(volume.name))
    .map((volume): Mount => {
      const sizeBytes = amount(volume.emptyDir?.sizeLimit);
      const source = { type: 'memory' as const, volume: volume.name, ...(sizeBytes && { sizeBytes }) };
      return { containerPath: `/volumes/${volume.name}`, readOnly: false, source };
    });
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')];
  const hostPorts = containers.flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostPort, hostIP = '', containerPort, protocol = 'TCP' }) =>
      hostPort && !spec.hostNetwork ? [{ hostPort, hostIP, containerPort, protocol }] : [],
    ),
  );
  return {
    node: spec.nodeName ?? '',
    pod: identity(pod),
    attempt,
    hostname: kernelHostname(pod, clusterDomain),
    hostNetwork: spec.hostNetwork ?? false,
    hostPID: spec.hostPID ?? false,
    hostIPC: spec.hostIPC ?? false,
    shareProcessNamespace: spec.shareProcessNamespace ?? false,
    sysctls: Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value])),
    hostPorts,
    mounts,
    resources: podResources(pod),
  };
}
