import type { VolumeFile } from '../../node/runtime.ts';
import type { Pod, VolumeProjection } from '../types.ts';
import { downwardFiles } from './downward-api.ts';
import { keyFiles } from './key-files.ts';
import { groupOf, type Payload, type VolumeContext, type VolumeType } from './volume-type.ts';

/** Several sources in one folder: tokens, ConfigMaps, Secrets and fields of the pod. A later source wins a path. */
export const projected: VolumeType = {
  type: 'projected',
  inMemory: true,
  async payload(context) {
    const { sources = [], defaultMode = 0o644 } = context.volume.projected!;
    const files = new Map<string, VolumeFile>();
    let renewAt = Number.POSITIVE_INFINITY;
    for (const source of sources) {
      const part = await project(context, source, defaultMode);
      for (const file of part.files) files.set(file.path, file);
      renewAt = Math.min(renewAt, part.renewAt ?? renewAt);
    }
    return { files: [...files.values()], ...(Number.isFinite(renewAt) && { renewAt }) };
  },
};

async function project(context: VolumeContext, source: VolumeProjection, defaultMode: number): Promise<Payload> {
  for (const kind of ['configMap', 'secret'] as const) {
    const keys = source[kind];
    if (!keys) continue;
    const { name = '', items = [], optional = false } = keys;
    const configKind = kind === 'configMap' ? 'configmap' : 'secret';
    return { files: await keyFiles(context, { kind: configKind, name, items, optional, defaultMode }) };
  }
  if (source.downwardAPI) return { files: downwardFiles(context, source.downwardAPI.items ?? [], defaultMode) };
  if (source.serviceAccountToken) return tokenFile(context, source.serviceAccountToken, defaultMode);
  throw new Error(`projected source ${Object.keys(source)[0] ?? 'without a type'} is not supported by krill`);
}

async function tokenFile(
  context: VolumeContext,
  source: NonNullable<VolumeProjection['serviceAccountToken']>,
  defaultMode: number,
): Promise<Payload> {
  const { token, renewAt } = await context.token(source.audience ?? '', source.expirationSeconds ?? 3600);
  const uid = commonUser(context.pod);
  const restricted = uid !== undefined || groupOf(context.pod) !== undefined;
  const mode = restricted ? (groupOf(context.pod) === undefined ? 0o600 : 0o640) : defaultMode;
  return {
    files: [{ path: source.path, content: Buffer.from(token), mode, ...(uid !== undefined && { uid }) }],
    renewAt,
  };
}

/** The user all containers run as, when the spec says so: it may own its token. */
function commonUser(pod: Pod): number | undefined {
  const outer = pod.spec.securityContext?.runAsUser;
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const users = new Set(containers.map((c) => c.securityContext?.runAsUser ?? outer));
  return users.size === 1 ? [...users][0] : undefined;
}
