import type {
  AllocatedDeviceStatus,
  DeviceRequestAllocationResult,
  ResourceClaim,
} from '../../api/types/resource-v1.gen.ts';
import { deviceId } from './device.ts';

/** Devices that drivers prepare before the pod may go to its node. Source: dynamicresources.go (isClaimReadyForBinding). */

/** `failed` says why the claim must get other devices. */
export type Readiness = 'ready' | 'waiting' | { readonly failed: string };

function statusOf({ status }: ResourceClaim, result: DeviceRequestAllocationResult): AllocatedDeviceStatus | undefined {
  const id = deviceId(result);
  return status?.devices?.find((device) => deviceId(device) === id && device.shareID === result.shareID);
}

/** Whether a claim has devices that must be prepared. */
export const needsPreparing = ({ status }: ResourceClaim): boolean =>
  status?.allocation?.devices?.results?.some(({ bindingConditions }) => bindingConditions?.length) ?? false;

/** How far drivers are with the devices of a claim. `now` and `timeout` in milliseconds of wall time. */
export function readiness(claim: ResourceClaim, now: number, timeout: number): Readiness {
  const { metadata, status } = claim;
  const which = `resource claim ${metadata.namespace}/${metadata.name}`;
  let waiting = false;
  for (const result of status?.allocation?.devices?.results ?? []) {
    const conditions = statusOf(claim, result)?.conditions ?? [];
    const isTrue = (type: string) =>
      conditions.some((condition) => condition.type === type && condition.status === 'True');
    const failure = result.bindingFailureConditions?.find(isTrue);
    if (failure) return { failed: `${which}: device ${deviceId(result)} could not be prepared: ${failure}` };
    if (!result.bindingConditions?.every(isTrue)) waiting ||= Boolean(result.bindingConditions);
  }
  if (!waiting) return 'ready';
  const since = status?.allocation?.allocationTimestamp;
  if (since && Date.parse(since) + timeout <= now) return { failed: `${which}: timeout of preparing its devices` };
  return 'waiting';
}
