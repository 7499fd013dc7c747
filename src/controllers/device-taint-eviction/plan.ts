import type { Pod } from '../../api/types/core-v1.gen.ts';
import type {
  DeviceRequestAllocationResult,
  DeviceTaint,
  DeviceToleration,
  ResourceClaim,
  ResourceSlice,
} from '../../api/types/resource-v1.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import { taintsByRules } from '../../resources/resource/device-taints.ts';
import { claimNameOf, isClaimOf, isReservedFor } from '../../resources/resource/pod-claims.ts';
import { newestSlices } from '../../resources/resource/slice-pools.ts';

/** The taints of a device by which pods are driven out. Slices of an older generation do not count. */
export function taintsOf(slices: readonly ResourceSlice[], device: string): readonly DeviceTaint[] {
  for (const { spec } of newestSlices(slices)) {
    const found = spec.devices?.find(({ name }) => name === device);
    if (found) return (found.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  }
  return [];
}

/** Source: k8s.io/dynamic-resource-allocation/resourceclaim, ToleratesTaint. */
export function toleratesTaint(toleration: DeviceToleration, taint: DeviceTaint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}

/** The wall time at which a taint drives out who uses the device; undefined when that tolerates it for ever. */
export function endOf(taint: DeviceTaint, tolerations: readonly DeviceToleration[]): number | undefined {
  const added = Date.parse(taint.timeAdded ?? '');
  // Only tolerations that name this effect count, as upstream has it.
  const covering = tolerations.filter((one) => one.effect === 'NoExecute' && toleratesTaint(one, taint));
  if (covering.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return undefined;
  const seconds = covering.map(({ tolerationSeconds }) => Math.max(0, tolerationSeconds!));
  return (Number.isNaN(added) ? 0 : added) + (seconds.length > 0 ? Math.min(...seconds) * 1000 : 0);
}

/** The slices of a pool. */
export type FindSlices = (driver: string, pool: string) => readonly ResourceSlice[];

/** When the users of a claim are to go, by the first of its devices that drives them out; undefined when none does. */
export function endOfClaim(
  { status }: ResourceClaim,
  slices: FindSlices,
  rules: readonly DeviceTaintRule[] = [],
): number | undefined {
  return earliest((status?.allocation?.devices?.results ?? []).flatMap((result) => endsOf(result, slices, rules)));
}

function endsOf(
  result: DeviceRequestAllocationResult,
  slices: FindSlices,
  rules: readonly DeviceTaintRule[],
): (number | undefined)[] {
  const byRules = taintsByRules(rules, result).filter(({ effect }) => effect === 'NoExecute');
  const taints = [...taintsOf(slices(result.driver, result.pool), result.device), ...byRules];
  return taints.map((taint) => endOf(taint, result.tolerations ?? []));
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/**
 * When a pod is to go because of the devices it has; undefined when it may stay.
 * Source: device_taint_eviction.go, handlePod.
 */
export function endOfPod(
  pod: Pod,
  claim: (name: string) => ResourceClaim | undefined,
  slices: FindSlices,
  rules: readonly DeviceTaintRule[] = [],
): number | undefined {
  if (!pod.spec?.nodeName) return undefined;
  return earliest(
    (pod.spec.resourceClaims ?? []).map((entry) => {
      const known = claimNameOf(pod, entry);
      const found = typeof known === 'object' ? claim(known.name) : undefined;
      if (!found || !isReservedFor(found, pod)) return undefined;
      if (typeof known === 'object' && known.generated && !isClaimOf(found, pod)) return undefined;
      return endOfClaim(found, slices, rules);
    }),
  );
}
