import type { KubeObject } from '../../api/object.ts';
import type { DeviceRequest, ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { countName, type Evaluator } from './evaluator.ts';
import { one, type Usage, whole } from './usage.ts';

/** What claims to devices use. Source: pkg/quota/v1/evaluator/core/resource_claims.go. */

const resource = 'resourceclaims.resource.k8s.io';
const ofClass = '.deviceclass.resource.k8s.io/devices';
/** The most devices one claim can get, which is what may be meant by all of them. */
const mostDevices = 32;

interface Wanted {
  readonly deviceClassName?: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

function devices({ allocationMode, count = 0 }: Wanted): number {
  if (allocationMode === 'All') return mostDevices;
  return allocationMode === 'ExactCount' ? count : 0;
}

/** Devices of each class that a request may come to: of alternatives the one with most. */
function demand({ exactly, firstAvailable }: DeviceRequest): Map<string, number> {
  const most = new Map<string, number>();
  for (const wanted of (firstAvailable?.length ? firstAvailable : exactly ? [exactly] : []) as readonly Wanted[]) {
    const name = `${wanted.deviceClassName ?? ''}${ofClass}`;
    most.set(name, Math.max(most.get(name) ?? 0, devices(wanted)));
  }
  return most;
}

function usage({ spec }: ResourceClaim): Usage {
  const counts = new Map<string, number>();
  for (const request of spec?.devices?.requests ?? []) {
    for (const [name, count] of demand(request)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return new Map([[countName(resource), one], ...[...counts].map(([name, n]) => [name, whole(n)] as const)]);
}

export const deviceEvaluator: Evaluator = {
  resource,
  measures: (name) => name === countName(resource) || name.endsWith(ofClass),
  varies: true,
  charges: ({ subresource }) => subresource === '',
  usage: (object: KubeObject) => usage(object as unknown as ResourceClaim),
};
