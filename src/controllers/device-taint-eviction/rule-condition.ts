import type { Condition } from '../../api/types/meta-v1.gen.ts';
import type { ResourceClaim, ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import { ruleSelects } from '../../resources/resource/device-taints.ts';
import { newestSlices, slicesByPool } from '../../resources/resource/slice-pools.ts';
import { endOf } from './plan.ts';

/** What a rule says of itself. Source: device_taint_eviction.go, and KEP 5055 for the texts. */

interface World {
  readonly claims: readonly ResourceClaim[];
  readonly slices: readonly ResourceSlice[];
  /** Whether a pod, "namespace/name", is there and not going already. */
  readonly stays: (pod: string) => boolean;
  /** How many pods the rule has driven out since the controller runs. */
  readonly evicted: number;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** A rule without effect is told once what it would do: its users look at that before they give it one. */
export const tellsNothingNew = ({ metadata, spec, status }: DeviceTaintRule): boolean =>
  spec.taint.effect === 'None' &&
  (status?.conditions ?? []).some(
    ({ type, observedGeneration }) => type === 'EvictionInProgress' && observedGeneration === metadata.generation,
  );

export function evictionCondition(rule: DeviceTaintRule, world: World): Omit<Condition, 'lastTransitionTime'> {
  const pods = podsDrivenOut(rule, world.claims).filter(world.stays);
  const places = counted(new Set(pods.map((key) => key.split('/')[0])).size, 'namespace');
  const common = { type: 'EvictionInProgress', observedGeneration: rule.metadata.generation ?? 0 };
  const { effect } = rule.spec.taint;
  if (effect === 'None') {
    const published = counted(publishedDevices(rule, world.slices), 'published device');
    const allocated = counted(allocatedDevices(rule, world.claims), 'allocated device');
    const once = 'This information will not be updated again. Recreate the DeviceTaintRule to trigger an update.';
    const message =
      `${published} selected. ${allocated} selected. ` +
      `${counted(pods.length, 'pod')} would be evicted in ${places} if the effect was NoExecute. ${once}`;
    return { ...common, status: 'False', reason: 'NoEffect', message };
  }
  const done = `${counted(world.evicted, 'pod')} evicted since starting the controller.`;
  if (effect !== 'NoExecute') return { ...common, status: 'False', reason: 'NotEvicting', message: done };
  if (pods.length === 0) return { ...common, status: 'False', reason: 'Completed', message: done };
  const need = `${counted(pods.length, 'pod')} ${pods.length === 1 ? 'needs' : 'need'} to be evicted in ${places}.`;
  return { ...common, status: 'True', reason: 'PodsPendingEviction', message: `${need} ${done}` };
}

/** The pods that use devices which the rule drives them from, or would with that effect; "namespace/name", each once. */
function podsDrivenOut(rule: DeviceTaintRule, claims: readonly ResourceClaim[]): string[] {
  const taint = { ...rule.spec.taint, effect: 'NoExecute' as const };
  const isDriven = ({ status }: ResourceClaim) =>
    (status?.allocation?.devices?.results ?? []).some(
      (result) => ruleSelects(rule, result) && endOf(taint, result.tolerations ?? []) !== undefined,
    );
  const users = claims
    .filter(isDriven)
    .flatMap(({ metadata, status }) =>
      (status?.reservedFor ?? [])
        .filter(({ apiGroup, resource }) => !apiGroup && resource === 'pods')
        .map(({ name }) => `${metadata.namespace}/${name}`),
    );
  return [...new Set(users)];
}

function publishedDevices(rule: DeviceTaintRule, slices: readonly ResourceSlice[]): number {
  const pools = Map.groupBy(slices, slicesByPool);
  return [...pools.values()]
    .flatMap(newestSlices)
    .flatMap(({ spec: { driver, pool, devices = [] } }) =>
      devices.filter(({ name }) => ruleSelects(rule, { driver, pool: pool.name, device: name })),
    ).length;
}

const allocatedDevices = (rule: DeviceTaintRule, claims: readonly ResourceClaim[]): number =>
  claims
    .flatMap(({ status }) => status?.allocation?.devices?.results ?? [])
    .filter((result) => ruleSelects(rule, result)).length;
