import type {
  DeviceClass,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ResourceClaim,
} from '../../api/types/resource-v1.gen.ts';
import type { Requested } from './capacity.ts';

/** What a claim asks for in one go: a request, or one of the alternatives of a request. */
export interface DeviceDemand {
  /** Name of the request. */
  readonly request: string;
  /** Name of the alternative; undefined for a request without alternatives. */
  readonly alternative: string | undefined;
  /** "request", or "request/alternative": as results and configurations name it. */
  readonly name: string;
  readonly class: DeviceClass;
  readonly selectors: readonly DeviceSelector[];
  readonly tolerations: readonly DeviceToleration[];
  readonly all: boolean;
  readonly count: number;
  readonly adminAccess: boolean;
  readonly capacity: Requested | undefined;
}

/** A claim as it is to be allocated. */
export interface ClaimDemand {
  readonly claim: ResourceClaim;
  /** By request: its alternatives, the preferred one first; one where there is no choice. */
  readonly requests: readonly (readonly DeviceDemand[])[];
  readonly constraints: readonly DeviceConstraint[];
}

interface Asked {
  readonly deviceClassName: string;
  readonly selectors?: readonly DeviceSelector[];
  readonly allocationMode?: string;
  readonly count?: number;
  readonly adminAccess?: boolean;
  readonly tolerations?: readonly DeviceToleration[];
  readonly capacity?: { readonly requests?: Requested };
}

/** A class that a claim asks for is not there. The message is what the pod is told. */
export class NoSuchClass extends Error {
  constructor(request: string, name: string) {
    super(`request ${request}: device class ${name} does not exist`);
    this.name = 'NoSuchClass';
  }
}

type Classes = (name: string) => DeviceClass | undefined;

function demand(request: string, alternative: string | undefined, asked: Asked, classes: Classes): DeviceDemand {
  const name = alternative === undefined ? request : `${request}/${alternative}`;
  const of = classes(asked.deviceClassName);
  if (!of) throw new NoSuchClass(name, asked.deviceClassName);
  return {
    request,
    alternative,
    name,
    class: of,
    selectors: asked.selectors ?? [],
    tolerations: asked.tolerations ?? [],
    all: asked.allocationMode === 'All',
    count: asked.count ?? 1,
    adminAccess: asked.adminAccess ?? false,
    capacity: asked.capacity?.requests,
  };
}

function alternatives({ name, exactly, firstAvailable = [] }: DeviceRequest, classes: Classes): DeviceDemand[] {
  if (exactly) return [demand(name, undefined, exactly, classes)];
  return firstAvailable.map((asked) => demand(name, asked.name, asked, classes));
}

/** What a claim asks for. Throws `NoSuchClass`. */
export function claimDemand(claim: ResourceClaim, classes: Classes): ClaimDemand {
  const { requests = [], constraints = [] } = claim.spec.devices ?? {};
  return { claim, requests: requests.map((request) => alternatives(request, classes)), constraints };
}
