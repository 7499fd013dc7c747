import type { KubeObject } from '../../api/object.ts';
import { type Quantity, quantityOf } from '../../api/quantity.ts';
import type { DeviceRequest, ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { classPrefix, isExtendedClaim } from '../resource/extended-classes.ts';
import { countName, type DeviceFacts, type Evaluator } from './evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
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

/** Devices of each class that a claim may come to. */
function demands({ spec }: ResourceClaim): Map<string, number> {
  const counts = new Map<string, number>();
  for (const request of spec?.devices?.requests ?? []) {
    for (const [name, count] of demand(request)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

/** The usage of the pod that a claim was made for, because it asks for extended resources: that is charged for already. */
function chargedToPod(claim: ResourceClaim, facts: DeviceFacts, now: number): Usage {
  const { namespace = '', name: claimName, ownerReferences } = claim.metadata;
  const owner = ownerReferences?.find(({ controller }) => controller);
  if (!isExtendedClaim(claim) || owner?.kind !== 'Pod' || owner.apiVersion !== 'v1') return new Map();
  const pod = facts.pod(namespace, owner.name);
  const own = pod?.status?.extendedResourceClaimStatus?.resourceClaimName;
  if (pod?.metadata.uid !== owner.uid || (own !== undefined && own !== claimName)) return new Map();
  return podEvaluator.usage(pod as unknown as KubeObject, now);
}

/** The same devices by the names of the extended resources that they stand for. */
function extendedUsage(claim: ResourceClaim, devices: Usage, facts: DeviceFacts, now: number): Usage {
  const charged = chargedToPod(claim, facts, now);
  const used = new Map<string, Quantity>();
  for (const [name, quantity] of devices) {
    const className = name.slice(0, -ofClass.length);
    const resourceName = facts.resourceOf(className);
    for (const other of [`${classPrefix}${className}`, ...(resourceName ? [resourceName] : [])]) {
      const left = quantity.nano - (charged.get(`requests.${other}`)?.nano ?? 0n);
      if (left > 0n) used.set(`requests.${other}`, quantityOf(left, quantity.format));
    }
  }
  return used;
}

/** Who counts claims to devices, in a cluster of which so much is known. */
export const deviceEvaluator = (facts: DeviceFacts): Evaluator => ({
  resource,
  measures: (name) => {
    if (name === countName(resource) || name.endsWith(ofClass)) return true;
    if (!name.startsWith('requests.')) return false;
    const extended = name.slice('requests.'.length);
    if (!extended.startsWith(classPrefix)) return facts.standsFor(extended);
    return facts.resourceOf(extended.slice(classPrefix.length)) !== undefined;
  },
  varies: true,
  charges: ({ subresource }) => subresource === '',
  usage: (object, now) => {
    const claim = object as unknown as ResourceClaim;
    const devices: Usage = new Map([...demands(claim)].map(([name, count]) => [name, whole(count)]));
    return new Map([[countName(resource), one], ...devices, ...extendedUsage(claim, devices, facts, now)]);
  },
});
