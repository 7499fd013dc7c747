import type {
  ServerStorageVersion,
  StorageVersion,
  StorageVersionCondition,
  StorageVersionStatus,
} from '../../api/types/apiserverinternal-v1alpha1.gen.ts';

/** The version that all these servers store objects in; undefined where there are none or they differ. */
export function commonVersion(servers: readonly ServerStorageVersion[]): string | undefined {
  const versions = new Set(servers.map((server) => server.encodingVersion));
  return versions.size === 1 ? [...versions][0] : undefined;
}

/**
 * The status of a StorageVersion with these servers: their common version, and a condition that says whether there is one.
 * `now` is a timestamp. Source: apiserver `storageversion`, SetCommonEncodingVersion.
 */
export function statusWithServers(
  { metadata, status }: StorageVersion,
  servers: readonly ServerStorageVersion[],
  now: string,
): StorageVersionStatus {
  const common = commonVersion(servers);
  const before = status?.conditions?.find(({ type }) => type === 'AllEncodingVersionsEqual');
  const wanted = common === undefined ? 'False' : 'True';
  const moved =
    common !== undefined && status?.commonEncodingVersion !== undefined && status.commonEncodingVersion !== common;
  const condition: StorageVersionCondition = {
    type: 'AllEncodingVersionsEqual',
    status: wanted,
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: before?.status === wanted && !moved ? (before.lastTransitionTime ?? now) : now,
    reason: common === undefined ? 'CommonEncodingVersionUnset' : 'CommonEncodingVersionSet',
    message: `Common encoding version ${common === undefined ? 'unset' : 'set'}`,
  };
  const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type);
  return {
    storageVersions: servers,
    ...(common !== undefined && { commonEncodingVersion: common }),
    conditions: [...others, condition],
  };
}
