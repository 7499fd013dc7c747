import type { KubeObject, Mutable } from '../../api/object.ts';
import type { Differences } from './old-version.ts';

/**
 * resource.k8s.io/v1beta1 has what a request asks for in the request itself, and what a device is in `basic`.
 * Source: kubernetes `pkg/apis/resource/v1beta1/conversion.go`.
 */

type Fields = Record<string, unknown>;
interface DeviceClaim {
  devices?: { requests?: Fields[] };
}

/** Fields of a request that v1 has in `exactly`. */
const exact = [
  'deviceClassName',
  'selectors',
  'allocationMode',
  'count',
  'adminAccess',
  'tolerations',
  'capacity',
] as const;

/** Moves those of these fields that are there and not empty. Returns whether there were any. */
function move(from: Fields, to: Fields, fields: readonly string[]): boolean {
  const there = fields.filter((field) => from[field] !== undefined && from[field] !== '' && from[field] !== 0);
  for (const field of there) to[field] = from[field];
  for (const field of fields) delete from[field];
  return there.length > 0;
}

function toExactly(request: Fields): void {
  const exactly: Fields = {};
  if (move(request, exactly, exact)) request['exactly'] = exactly;
}

function fromExactly(request: Fields): void {
  const exactly = request['exactly'] as Fields | undefined;
  delete request['exactly'];
  if (exactly) Object.assign(request, exactly);
}

/** What a claim asks for, in a claim or in a template of claims. */
type ClaimOf = (object: Mutable<KubeObject>) => DeviceClaim | undefined;

const requests = (claimOf: ClaimOf): Differences => {
  const each = (step: (request: Fields) => void) => (object: Mutable<KubeObject>) =>
    (claimOf(object)?.devices?.requests ?? []).forEach(step);
  return { toStorage: each(toExactly), fromStorage: each(fromExactly) };
};

export const v1beta1ResourceClaim = requests((object) => object['spec'] as DeviceClaim | undefined);
export const v1beta1ResourceClaimTemplate = requests(
  (object) => (object['spec'] as { spec?: DeviceClaim } | undefined)?.spec,
);

interface SliceSpec extends Fields {
  devices?: Fields[];
}

function fromBasic(device: Fields): void {
  const basic = device['basic'] as Fields | undefined;
  delete device['basic'];
  if (basic) Object.assign(device, basic);
}

function toBasic(device: Fields): void {
  const { name, ...basic } = device;
  for (const field of Object.keys(basic)) delete device[field];
  device['name'] = name;
  device['basic'] = basic;
}

export const v1beta1ResourceSlice: Differences = {
  toStorage: (object) => {
    const spec = (object['spec'] ?? {}) as SliceSpec;
    spec.devices?.forEach(fromBasic);
    // No name, and not all nodes, are said by leaving them out.
    for (const field of ['nodeName', 'allNodes']) if (!spec[field]) delete spec[field];
  },
  fromStorage: (object) => ((object['spec'] ?? {}) as SliceSpec).devices?.forEach(toBasic),
};
